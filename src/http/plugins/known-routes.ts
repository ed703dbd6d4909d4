/** Which methods a path takes, for those who ask before a route was found, or where there is none. */
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods of the routes that this path, which has no query, may mean; none for a path that is not known. */
    methodsOf(path: string): ReadonlySet<string>
  }
}

/** The route by which preflights are taken, of whatever path; it says nothing about paths. */
const ANY_PATH = '*'

/** Whether nothing but the route for preflights, or none at all, was found for a request. */
export const hasNoRoute = (request: FastifyRequest): boolean => request.is404 || request.routeOptions.url === ANY_PATH

/** The path of the route that was found, or the one that was asked for. */
export const pathOf = (request: FastifyRequest): string => {
  const { url = request.url } = request.routeOptions
  return url === ANY_PATH ? request.url : url
}

const toPattern = (url: string): RegExp =>
  new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}$`)

export const knownRoutes = fp(
  async (app) => {
    const known = new Map<string, { pattern: RegExp; methods: Set<string> }>()
    app.addHook('onRoute', ({ url, method }) => {
      if (url === ANY_PATH) return
      const route = known.get(url) ?? { pattern: toPattern(url), methods: new Set<string>() }
      for (const one of [method].flat()) route.methods.add(one)
      known.set(url, route)
    })

    app.decorate('methodsOf', (path: string) => {
      const methods = new Set<string>()
      for (const one of known.values()) {
        if (one.pattern.test(path)) for (const method of one.methods) methods.add(method)
      }
      return methods
    })
  },
  { name: 'known-routes' },
)
