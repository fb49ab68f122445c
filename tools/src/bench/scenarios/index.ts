import type { Scenario } from '../scenario.js'
import { dynamodb, dynamodbPages } from './dynamodb.js'
import { s3 } from './s3.js'
import { sqs } from './sqs.js'
import { sts } from './sts.js'

/** Every scenario, in the order of the report. */
export const scenarios: readonly Scenario[] = [sts, sqs, s3, dynamodb, dynamodbPages]
