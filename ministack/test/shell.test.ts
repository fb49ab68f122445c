import { execFileSync } from 'node:child_process'
import t from 'tap'
import { clientEnvironment } from '../src/endpoint.js'
import { exportLines } from '../src/shell.js'

t.test('the environment of clients follows the settings of the server', async t => {
  t.strictSame(clientEnvironment({}), {
    AWS_ENDPOINT_URL: 'http://localhost:4566',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
  })
  const url = (env: Record<string, string>) => clientEnvironment(env).AWS_ENDPOINT_URL
  t.equal(url({ GATEWAY_PORT: '5000', EDGE_PORT: '6000' }), 'http://localhost:5000')
  t.equal(url({ EDGE_PORT: '6000' }), 'http://localhost:6000')
  t.equal(url({ MINISTACK_HOST: 'cloud.test' }), 'http://cloud.test:4566')
  t.equal(url({ MINISTACK_HOST: 'cloud.test:80', GATEWAY_PORT: '5000' }), 'http://cloud.test:80')
  t.equal(clientEnvironment({ MINISTACK_REGION: 'eu-west-1' }).AWS_DEFAULT_REGION, 'eu-west-1')
})

t.test('values are quoted for the shell that reads them', async t => {
  const nasty = { KEY: `a'b"c $HOME \\ d` }
  t.equal(execFileSync('sh', ['-c', `${exportLines(nasty, '/bin/zsh')} printf %s "$KEY"`], { encoding: 'utf8' }), nasty.KEY)
  t.equal(exportLines(nasty, '/usr/bin/fish'), `set -gx KEY 'a\\'b"c $HOME \\\\ d'\n`)
  t.equal(exportLines(nasty, 'C:\\Program Files\\PowerShell\\7\\pwsh.exe'.replaceAll('\\', '/')), `$env:KEY = 'a''b"c $HOME \\ d'\n`)
})
