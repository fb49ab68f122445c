#!/usr/bin/env node
import { awslocal } from '../dist/src/awslocal.js'

process.exitCode = await awslocal(process.argv.slice(2), process.env)
