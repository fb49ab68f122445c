import type { BotocoreData } from './botocore.js'
import { addConstraints } from './constraints.js'
import { formatModel } from './format.js'
import type { Draft } from './model-json.js'
import { readSdkClient } from './sdk.js'

/** A generated model: the file's text, the model itself, and where its two sources differ. */
export interface GeneratedModel {
  readonly text: string
  readonly model: Draft
  /** The service's full name: `Amazon Simple Queue Service`. */
  readonly title: string
  readonly notes: readonly string[]
}

/**
 * Generates the model of one SDK client.
 *
 * @param sdk the npm client's short name, `sqs`
 * @param from a file or directory (with a trailing slash) that `@aws-sdk/client-<sdk>` is resolved from
 * @throws when the package isn't installed, or botocore lacks the service
 */
export async function generateModel(sdk: string, from: string, botocore: BotocoreData): Promise<GeneratedModel> {
  const { draft, version } = await readSdkClient(sdk, from)
  const source = botocore.read(draft.service.id, draft.service.version)
  const notes = addConstraints(draft, source.model)
  const generated = { sdk: `@aws-sdk/client-${sdk} ${version}`, constraints: `botocore ${botocore.version} ${source.name}` }
  return { text: formatModel({ generated, ...draft }), model: draft, title: source.model.metadata.serviceFullName, notes }
}
