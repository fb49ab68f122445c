/** How a request reaches the server under test outside of the measurement. */
export type Call = (request: Buffer) => Promise<Buffer>

/** One kind of request, measured by itself: `requests` of them in a round, over all connections. */
export interface Step {
  /** What the report calls it: `sqs SendMessage`. */
  readonly label: string
  /** The bytes of the next request. */
  request(): Buffer
  /** Takes the body of an answer, where a later step needs something of it. */
  response?(body: Buffer): void
  /** The part of a round's requests that this step sends, for one whose requests are heavy; all by default. */
  readonly share?: number
  /** What the bare server does with the same bytes: the step is then compared with that instead of the JSON echo. */
  readonly beside?: { readonly label: string; readonly request: Buffer }
}

/** A scenario's steps run in order, round after round, each once a round. To add one, put a file in `scenarios/` and name it in `scenarios/index.ts`. */
export interface Scenario {
  readonly name: string
  /** Takes so long to prepare that it runs only when `--only` names it. */
  readonly onDemand?: true
  /** Makes what the steps need and returns them; called once a run, on a fresh server. */
  prepare(call: Call): Promise<readonly Step[]>
}
