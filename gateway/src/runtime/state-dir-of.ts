import { join } from 'node:path'
import type { Config } from './config.js'
import type { Manifest } from './manifest.js'

/**
 * The folder that a plugin's state is kept in, where units have a folder each; undefined when it isn't kept. A plugin's own setting wins over
 * `PERSIST_STATE`, so that switching that on or off never parts the state from the files that it names.
 */
export function stateDirOf(config: Config, { keep }: Pick<Manifest, 'keep'>): string | undefined {
  if (keep && config[keep.when]) return join(config[keep.in], 'state')
  return config.persist ? config.stateDir : undefined
}

/** The variable that names the folder of {@link stateDirOf}, where that is a plugin's own: `S3_DATA_DIR` for `s3DataDir`. */
export function stateSettingOf({ keep }: Pick<Manifest, 'keep'>): string {
  return (keep?.in ?? 'stateDir').replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()
}
