import { buildRequest } from '../request.js'
import type { Scenario } from '../scenario.js'

export const sts: Scenario = {
  name: 'sts',
  async prepare() {
    const request = buildRequest({
      service: 'sts',
      contentType: 'application/x-www-form-urlencoded',
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    })
    return [{ label: 'sts GetCallerIdentity', request: () => request }]
  },
}
