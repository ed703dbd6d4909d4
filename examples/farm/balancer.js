/** One address for several servers: each new connection goes to the next of them, and knows nothing of who has come before. */
import { connect, createServer } from 'node:net'

const ports = process.env.SERVERS.split(',').map(Number)
let turn = 0

const balancer = createServer((near) => {
  const far = connect(ports[turn++ % ports.length], '127.0.0.1')
  near.pipe(far).pipe(near)
  near.on('error', () => far.destroy())
  far.on('error', () => near.destroy())
})

balancer.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit())
