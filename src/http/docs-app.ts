/**
 * The Swagger UI as an application of its own, in memory. It is made when somebody first looks at it: few processes are ever asked for
 * it, and its packages would take a tenth of the time from nothing to the first answer.
 */
import swagger, { type StaticDocumentSpec } from '@fastify/swagger'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { PAGE_SCRIPT, PAGE_STYLE, requestInterceptor, systemPlugin } from './docs-page.ts'

const make = async (description: object): Promise<FastifyInstance> => {
  const { default: swaggerUi } = await import('@fastify/swagger-ui')
  const app = fastify()
  // What is tried out goes to where the page came from: its rules allow nothing else.
  const document = { ...description, servers: [{ url: '..' }] } as unknown as StaticDocumentSpec['document']
  await app.register(swagger, { mode: 'static', specification: { document } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: {
      deepLinking: true,
      persistAuthorization: false,
      displayOperationId: false,
      docExpansion: 'list',
      requestInterceptor,
      plugins: [systemPlugin],
    },
    theme: {
      title: 'Coatcheck',
      css: [{ filename: 'coatcheck.css', content: PAGE_STYLE }],
      js: [{ filename: 'coatcheck.js', content: PAGE_SCRIPT }],
    },
    staticCSP: true,
    // The page styles its elements inline, and may well be served without TLS.
    transformStaticCSP: (header) =>
      header
        .replace(/style-src [^;]*;/, "style-src 'self' 'unsafe-inline';")
        .replace(/;?\s*upgrade-insecure-requests;?/, ''),
  })
  return app
}

/** The headers of a call that change what it gets. */
const ASKED = ['accept-encoding', 'if-modified-since', 'if-none-match', 'range'] as const
/** Those of an answer that belong to the connection. */
const OWN = ['connection', 'date', 'keep-alive', 'transfer-encoding']

/** @param documentOf the OpenAPI document, which is whole once all routes are known */
export const createDocsPage = (documentOf: () => object) => {
  let made: Promise<FastifyInstance> | undefined
  return async ({ url, headers }: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    made ??= make(documentOf()).catch((error) => {
      // The next one who looks tries again.
      made = undefined
      throw error
    })
    const app = await made
    const asked = ASKED.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))
    const answer = await app.inject({ url, headers: Object.fromEntries(asked) })
    if (answer.statusCode === 404) return reply.callNotFound()
    const given = Object.entries(answer.headers).filter(([name]) => !OWN.includes(name))
    return reply.code(answer.statusCode).headers(Object.fromEntries(given)).send(answer.rawPayload)
  }
}
