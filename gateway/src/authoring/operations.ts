/**
 * The types of a service's operations, taken from the declarations of its AWS SDK v3 client.
 * Everything here is erased at compile time: a plugin needs the SDK client only as a devDependency.
 */

type AnyCommand = abstract new (...args: any[]) => { readonly input: any; resolveMiddleware(...args: any[]): any }

type NameOf<K> = K extends `${infer N}Command` ? (N extends '' | '$' ? never : N) : never

type CommandTypes<C> = C extends {
  readonly input: infer I
  resolveMiddleware(...args: any[]): (...args: any[]) => Promise<{ output: infer O }>
}
  ? { input: I; output: Omit<O, '$metadata'> }
  : never

/** Every operation of an SDK client module, by the name that AWS gives it: `{ SendMessage: { input, output } }`. */
export type Operations<M> = {
  [K in keyof M as M[K] extends AnyCommand ? NameOf<K> : never]: M[K] extends AnyCommand ? CommandTypes<InstanceType<M[K]>> : never
}

/** The name of an operation of an SDK client module. */
export type OperationName<M> = keyof Operations<M> & string

/** The input of an operation, as the SDK declares it. */
export type Input<M, K extends keyof Operations<M>> = Operations<M>[K] extends { input: infer I } ? I : never

/** The output of an operation, as the SDK declares it, without `$metadata`. */
export type Output<M, K extends keyof Operations<M>> = Operations<M>[K] extends { output: infer O } ? O : never

/** The calling side of a service: every operation as a method, `sendMessage(input)`. */
export type ServiceClient<M> = {
  [K in keyof Operations<M> as Uncapitalize<K & string>]: (input: Input<M, K>) => Promise<Output<M, K>>
}
