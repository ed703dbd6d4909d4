/** Calls to a service that is a process of its own, each answer held against the document in the repository. */
import { readFileSync } from 'node:fs'
import type { Agent } from 'node:http'
import { join } from 'node:path'
import tap from 'tap'
import { root } from '../scripts/project.ts'
import { createFaultsOf, type FaultsOf } from './answer-faults.ts'
import { type Api, callOver } from './app.ts'

let faultsOf: FaultsOf | undefined

const described = (): FaultsOf => {
  faultsOf ??= createFaultsOf(JSON.parse(readFileSync(join(root, 'openapi/openapi.json'), 'utf8')))
  return faultsOf
}

/** Like `callOver`; an answer that is not as described fails the test run. */
export const heldCallOver = (port: number, agent: Agent): Api['call'] => {
  const call = callOver(port, agent)
  return async (method, path, options) => {
    const answer = await call(method, path, options)
    const { status, headers, text } = answer
    for (const fault of described()({ method, path, status, headers, body: text })) tap.fail(fault)
    return answer
  }
}
