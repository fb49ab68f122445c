import { type Context as AnyContext, forService, type Input } from '@ministack/gateway'
import type { DynamoState } from './state.js'

type Client = typeof import('@aws-sdk/client-dynamodb')

export const { operation, service } = forService<Client, DynamoState>()

/** The context of every operation of DynamoDB. */
export type Context = AnyContext<DynamoState>

/** The input of an operation. */
export type InputOf<K extends Parameters<typeof operation>[0]> = Input<Client, K>
