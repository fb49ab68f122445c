/**
 * Runs one of the tools' commands, as `tools/dev.mjs` calls them. Each loads only what it needs.
 *
 * @returns the exit code
 */
export async function main(command: string, args: readonly string[], root: string): Promise<number> {
  try {
    switch (command) {
      case 'bench':
        return await (await import('./bench/index.js')).bench(args, root)
      case 'check':
        return await (await import('./check/run.js')).check(root)
      case 'docs':
        return await (await import('./docs/documents.js')).writeDocuments(root, args.includes('--check'))
      case 'generate-models':
        return await (await import('./models/cli.js')).generateModels(root, args)
      case 'new-plugin':
        return await (await import('./scaffold/new-plugin.js')).newPlugin(root, args)
      default:
        throw new Error(`there is no command '${command}'`)
    }
  } catch (error) {
    console.error(process.env.DEBUG ? error : (error as Error).message)
    return 1
  }
}
