/**
 * What Node would answer by itself, with an empty body and without asking anybody: a request that says no host, and one
 * that expects what is not known. Here they are problems like all others, which the page that asked can read.
 */
import fp from 'fastify-plugin'
import { CoatcheckError } from '../../errors.ts'
import { countHeader } from '../header-lines.ts'

export const requestHead = fp(
  async (app) => {
    app.mayRefuse(() => ['expectation_failed'])

    app.addHook('onRequest', ({ raw, headers }, _reply, done) => {
      // RFC 9112 §3.2: two hosts are as bad as none, for nobody can say which one a proxy looked at.
      const hosts = countHeader(raw.rawHeaders, 'host')
      if (hosts > 1 || (hosts === 0 && raw.httpVersion !== '1.0')) {
        return done(new CoatcheckError('invalid_request', `Send one Host header; there are ${hosts}.`))
      }
      // RFC 9110 §10.1.1
      if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
        return done(new CoatcheckError('expectation_failed'))
      done()
    })
  },
  { name: 'request-head', dependencies: ['route-answers'] },
)
