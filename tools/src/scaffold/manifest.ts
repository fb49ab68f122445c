import type { Manifest, ServiceManifest } from '@ministack/gateway'
import type { Draft } from '../models/model-json.js'

/** What a manifest is drafted from: one generated model of the plugin. */
export interface ManifestSource {
  readonly name: string
  readonly title: string
  readonly sdk: string
  readonly model: string
  readonly service: Draft['service']
}

/** A first manifest of a plugin, from what its models say; from then on it is the plugin's own, edited by hand. */
export function draftManifest(id: string, sources: readonly ManifestSource[]): Manifest {
  return { id, services: sources.map(draftService), stateVersion: 1 }
}

function draftService({ name, title, sdk, model, service }: ManifestSource): ServiceManifest {
  const isQuery = service.protocols.some(protocol => protocol === 'awsQuery' || protocol === 'ec2Query')
  return {
    name,
    title,
    sdk: `@aws-sdk/client-${sdk}`,
    model,
    protocols: service.protocols,
    shape: service.shape,
    match: {
      ...(service.target && { targets: [service.target] }),
      ...(service.signing && { signing: [{ name: service.signing }] }),
      ...(isQuery && { queryVersions: [service.version] }),
      ...(service.endpointPrefix && { hosts: [service.endpointPrefix] }),
    },
  }
}
