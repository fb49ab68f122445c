import { basename } from 'node:path'

/** Lines that set variables in the user's shell: sh and its kin, fish, or PowerShell. @param shell the shell's path, as `SHELL` has it. */
export function exportLines(variables: Readonly<Record<string, string>>, shell: string | undefined): string {
  const name = basename(shell ?? (process.platform === 'win32' ? 'pwsh' : 'sh')).replace(/\.exe$/i, '')
  return Object.entries(variables)
    .map(([key, value]) => `${line(name, key, value)}\n`)
    .join('')
}

function line(shell: string, key: string, value: string): string {
  switch (shell) {
    case 'fish':
      return `set -gx ${key} '${value.replace(/[\\']/g, '\\$&')}'`
    case 'pwsh':
    case 'powershell':
      return `$env:${key} = '${value.replaceAll("'", "''")}'`
    default:
      return `export ${key}='${value.replaceAll("'", "'\\''")}'`
  }
}
