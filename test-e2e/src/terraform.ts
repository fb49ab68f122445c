import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { clientEnv, type Ended, missing, run } from './programs.js'

/** Where this machine keeps the provider, since nothing can be downloaded in a test. */
const MIRROR = process.env.TF_PLUGIN_MIRROR ?? '/opt/tf-plugins'

/** Why Terraform can't be used here; `false` when it can. */
export const noTerraform = missing('terraform', 'version') || (existsSync(MIRROR) ? false : `there is no Terraform provider in ${MIRROR}`)

/** A folder with a Terraform configuration. */
export interface Terraform {
  run(...args: string[]): Promise<Ended>
  /** Replaces the resources. */
  write(resources: string): Promise<void>
}

const provider = (endpoint: string, services: readonly string[], pathStyle: boolean) => `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                  = "eu-west-1"
  access_key              = "111122223333"
  secret_key              = "test"
  skip_metadata_api_check = true
  skip_region_validation  = true
  s3_use_path_style       = ${pathStyle}
  endpoints {
    ${services.map(service => `${service} = "${endpoint}"`).join('\n    ')}
  }
}
`

/**
 * Makes a folder for Terraform, initialised for some services of a server; it goes with the test.
 *
 * @param more variables of the environment that it needs beside the usual ones; with HTTP_PROXY it reaches S3 by every host name, else by path.
 */
export async function terraform(
  t: Test,
  endpoint: string,
  services: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Terraform> {
  const dir = await mkdtemp(join(tmpdir(), 'ministack-terraform-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  await writeFile(join(dir, 'terraform.rc'), `provider_installation {\n  filesystem_mirror {\n    path = "${MIRROR}"\n  }\n}\n`)
  await writeFile(join(dir, 'provider.tf'), provider(endpoint, services, more.HTTP_PROXY === undefined))
  const own = { TF_CLI_CONFIG_FILE: join(dir, 'terraform.rc'), TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' }
  const env = { ...clientEnv(endpoint), ...own, ...more }
  const program: Terraform = {
    run: (...args) => run('terraform', [...args, '-no-color'], { cwd: dir, env }),
    write: resources => writeFile(join(dir, 'main.tf'), resources),
  }
  const { code, stderr } = await program.run('init', '-input=false')
  if (code !== 0) throw new Error(stderr)
  return program
}
