/**
 * A collector of traces: takes what OpenTelemetry sends by http/protobuf, and reads of it what the tests are about. The numbers
 * are those of opentelemetry/proto/trace/v1/trace.proto.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type Span = {
  readonly service: string
  readonly scope: string
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly id: string
  readonly parent: string
  readonly attributes: Readonly<Record<string, string>>
}

/** A message of protobuf: the values of each field, in bytes; of numbers, the number. */
type Message = ReadonlyMap<number, readonly (Buffer | number)[]>

const readMessage = (bytes: Buffer): Message => {
  const fields = new Map<number, (Buffer | number)[]>()
  let at = 0
  const number = (): number => {
    let [value, unit] = [0, 1]
    for (;;) {
      const byte = bytes[at++] as number
      value += (byte & 127) * unit
      if (byte < 128) return value
      unit *= 128
    }
  }
  const take = (length: number): Buffer => {
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = number()
    const wire = tag & 7
    const value = wire === 0 ? number() : take(wire === 2 ? number() : wire === 1 ? 8 : 4)
    const field = Math.floor(tag / 8)
    fields.set(field, [...(fields.get(field) ?? []), value])
  }
  return fields
}

const messagesIn = (message: Message, field: number): Message[] =>
  (message.get(field) ?? []).map((bytes) => readMessage(bytes as Buffer))

const textIn = (message: Message | undefined, field: number, encoding: BufferEncoding = 'utf8'): string =>
  ((message?.get(field)?.[0] ?? Buffer.alloc(0)) as Buffer).toString(encoding)

const attributesIn = (message: Message | undefined, field: number): Record<string, string> =>
  Object.fromEntries(
    (message ? messagesIn(message, field) : []).map((one) => {
      const [value] = messagesIn(one, 2)
      return [textIn(one, 1), textIn(value, 1) || String(value?.get(3)?.[0] ?? '')]
    }),
  )

const spansIn = (body: Buffer): Span[] =>
  messagesIn(readMessage(body), 1).flatMap((resourceSpans) => {
    const service = attributesIn(messagesIn(resourceSpans, 1)[0], 1)['service.name'] ?? ''
    return messagesIn(resourceSpans, 2).flatMap((scopeSpans) =>
      messagesIn(scopeSpans, 2).map((span) => ({
        service,
        scope: textIn(messagesIn(scopeSpans, 1)[0], 1),
        name: textIn(span, 5),
        kind: Number(span.get(6)?.[0]),
        traceId: textIn(span, 1, 'hex'),
        id: textIn(span, 2, 'hex'),
        parent: textIn(span, 4, 'hex'),
        attributes: attributesIn(span, 9),
      })),
    )
  })

export const startCollector = async (t: Test) => {
  const bodies: Buffer[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === '/v1/traces') bodies.push(Buffer.concat(chunks))
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: (): Span[] => bodies.flatMap(spansIn),
    /** All that has come, as text. */
    text: (): string => Buffer.concat(bodies).toString('latin1'),
  }
}
