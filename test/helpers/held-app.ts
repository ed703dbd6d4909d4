/**
 * Builds the application for tests, and holds each of its answers against the document that it serves. The look is taken
 * below the framework, at the server's own `request` event, so no call of a test goes round it: neither one over a socket,
 * nor one by `inject`, nor a stream. What does not fit fails the test run.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import inject, { type DispatchFunc, type InjectOptions } from 'light-my-request'
import tap from 'tap'
import { type AppOptions, buildApp } from '../../src/app.ts'
import { createFaultsOf, type FaultsOf } from './answer-faults.ts'

/** All apps have the same routes, so a process reads the document once; and once where load is shed, which adds an error. */
const known = new Map<boolean, FaultsOf>()

type WriteHead = (status: number, ...more: (string | OutgoingHttpHeaders | undefined)[]) => ServerResponse

/** Calls `done` with the answer once it is complete; with a stream of events as soon as it begins. */
const onAnswer = (
  response: ServerResponse,
  done: (answer: { status: number; headers: OutgoingHttpHeaders; body: string }) => void,
): void => {
  const chunks: Buffer[] = []
  let sent: OutgoingHttpHeaders = {}
  // Some responses end by a last write.
  let isEnding = false
  const answer = () => ({
    status: response.statusCode,
    headers: { ...response.getHeaders(), ...sent },
    body: Buffer.concat(chunks).toString(),
  })
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string))
  }

  const { writeHead, write, end } = response as unknown as { writeHead: WriteHead; write: unknown; end: unknown }
  response.writeHead = ((status, ...more) => {
    for (const [name, value] of Object.entries(more.find((one) => typeof one === 'object') ?? {})) {
      sent = { ...sent, [name.toLowerCase()]: value as string }
    }
    const result = writeHead.call(response, status, ...more)
    if (String(sent['content-type']).startsWith('text/event-stream')) done(answer())
    return result
  }) as WriteHead as never
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    if (!isEnding) keep(chunk)
    return (write as (...all: unknown[]) => boolean).call(response, chunk, ...rest)
  }) as never
  response.end = ((chunk: unknown, ...rest: unknown[]) => {
    if (!isEnding) keep(chunk)
    isEnding = true
    return (end as (...all: unknown[]) => ServerResponse).call(response, chunk, ...rest)
  }) as never
  response.once('finish', () => {
    const whole = answer()
    if (!String(whole.headers['content-type']).startsWith('text/event-stream')) done(whole)
  })
}

/** `onFault` is told of each answer that is not as described; it fails the test run if left out. */
export const buildHeldApp = async (
  options: AppOptions,
  onFault: (fault: string) => void = (fault) => tap.fail(fault),
): Promise<FastifyInstance> => {
  const app = await buildApp(options)
  app.server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    onAnswer(response, (answer) => {
      const sheds = options.shedsLoad !== false
      const faultsOf = known.get(sheds) ?? createFaultsOf(app.swagger())
      known.set(sheds, faultsOf)
      for (const fault of faultsOf({ method: request.method ?? '', path: request.url ?? '', ...answer })) onFault(fault)
    })
  })
  const dispatch: DispatchFunc = (request, response) => app.server.emit('request', request, response)
  app.inject = ((asked: InjectOptions | string) => inject(dispatch, asked)) as never
  return app
}
