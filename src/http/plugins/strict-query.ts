/** A query member that a call does not know is refused, not passed over: a misspelt one would be believed to work. */
import fp from 'fastify-plugin'
import { Type } from 'typebox'

const NOTHING = Type.Object({}, { additionalProperties: false })

export const strictQuery = fp(
  async (app) => {
    app.addHook('onRoute', (route) => {
      if (route.schema?.hide) return
      route.schema = { querystring: NOTHING, ...route.schema }
    })
  },
  { name: 'strict-query' },
)
