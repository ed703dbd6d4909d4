/**
 * The API's description: OpenAPI 3.1 from the routes' own schemas, and the Swagger UI to read and try it in. Where it may
 * be seen is `OperatorAccess`: on loopback by anybody, beyond it only by whoever has an API key, or on a port of its own.
 */
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'
import { cookieName } from '../../domain/credentials/cookies.ts'
import { VERSION } from '../../version.ts'
import type { Access } from '../access.ts'
import { createDocsPage } from '../docs-app.ts'
import { completed } from '../openapi-document.ts'
import { type OperatorAccess, onlyOnPort } from '../operator-access.ts'

const DESCRIPTION = `A standalone session store for live views. Settings (JSON) are kept under a session's UUID; services,
live views and sockets get and put them over HTTP, from any process, on any node.

**Try it out:** press *Authorize* and paste an API key (\`ck_…\`, without "Bearer"). On a first start without configuration
it is in the data folder. Then *Begin a session*, and use its \`id\` in the other calls. A session need not be begun: the
first write of its settings does it.

**As a browser or a socket would:** *Mint a session token*, then *Authorize* again: log out of \`apiKey\` and paste the token
under \`sessionToken\`. It is good for one session, which is called \`current\` in paths.

**Concurrency.** Writes go to single keys and are atomic; two writers never lose each other's keys. A write of the whole
settings must say what it replaces.

**Repeating.** With an \`Idempotency-Key\` a call whose answer was lost can be sent again within 60 s; it is done once.

**Errors** are RFC 9457 problem details; switch on \`code\`.`

/** Relative, so that they hold under any prefix. */
const REDIRECTS: Readonly<Record<string, string>> = { '/docs': 'docs/', '/docs/static/index.html': '../' }

/** The page, the description as it reads it, and the files beside it. */
const PAGES = ['/docs', '/docs/', '/docs/json', '/docs/yaml', '/docs/*']

export type DocumentationOptions = {
  readonly access: OperatorAccess
  /** The URL by which callers reach the service; the page's own if left out. */
  readonly publicUrl?: string | undefined
}

export const documentation = fp<DocumentationOptions>(
  async (app, { access, publicUrl }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Coatcheck',
          version: VERSION,
          description: DESCRIPTION,
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
        },
        servers: [{ url: publicUrl || '/' }],
        tags: [
          { name: 'Sessions', description: 'Begin, read, use and end sessions.' },
          { name: 'Settings', description: 'The settings of a session as a whole.' },
          { name: 'Keys', description: 'Single keys of the settings; take and increment.' },
          { name: 'Tokens', description: 'Narrow, signed, revocable credentials for browsers and sockets.' },
          { name: 'Cookies', description: 'What a browser holds in place of a token, out of the reach of scripts.' },
          { name: 'Hand-offs', description: 'One-time codes, by which a login in a socket reaches the HTTP side.' },
          { name: 'Subjects', description: 'Where a user is logged in; logging out everywhere.' },
          { name: 'Changes', description: 'Server-sent events: hear of every change, on every replica.' },
          { name: 'Operations', description: 'What operators and containers ask.' },
        ],
        components: {
          securitySchemes: {
            apiKey: {
              type: 'http',
              scheme: 'bearer',
              description: 'An API key of a service: `ck_<name>_<random>`.',
            },
            sessionToken: {
              type: 'http',
              scheme: 'bearer',
              bearerFormat: 'JWT',
              description:
                'A token of one session, as *Mint a session token* gives it. A call that takes one names the scopes that it needs.',
            },
            sessionCookie: {
              type: 'apiKey',
              in: 'cookie',
              name: cookieName('namespace'),
              description:
                'A cookie of one session, as *Exchange a session token for a cookie* gives it; its name ends in the name of the namespace. It needs the same scopes; a call that changes something must come from a page of an allowed origin. With `Authorization` it is not looked at.',
            },
          },
        },
        security: [{ apiKey: [] }],
      },
      transformObject: (document) => ('openapiObject' in document ? completed(document.openapiObject) : {}),
      refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json.$id ?? `schema-${i}`) },
    })

    /** The page and its scripts hold nothing; what it shows needs the key, and the page asks for it. */
    const accessOf = (url: string): Access => {
      const isDescription = url === '/openapi.json' || url === '/docs/json' || url === '/docs/yaml'
      return access.kind === 'api-key' && isDescription ? 'api-key' : 'anybody'
    }

    await app.register(async (scope) => {
      scope.addHook('onRequest', onlyOnPort(access))
      await scope.register(helmet, {
        contentSecurityPolicy: false, // the Swagger UI brings its own, with the hashes of its scripts
        strictTransportSecurity: false,
        // Browsers complain of these where a page came without TLS.
        crossOriginOpenerPolicy: false,
        originAgentCluster: false,
      })
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, access: accessOf(route.url) }
      })
      // The page finds what it needs beside itself, whatever stands before it in the path; so it must end with a slash.
      scope.addHook('onRequest', async (request, reply) => {
        const [path = '', ...query] = request.url.split(/(?=\?)/)
        const to = REDIRECTS[path]
        if (to !== undefined) return reply.redirect(`${to}${query.join('')}`)
      })

      const page = createDocsPage(() => app.swagger())
      for (const url of PAGES) scope.get(url, { schema: { hide: true } }, page)
      scope.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
    })
  },
  { name: 'documentation', dependencies: ['authentication'] },
)
