/** The addresses and networks in `COATCHECK_TRUST_PROXY`, as far as they can be judged without knowing the network. */
import { isIP } from 'node:net'

const NAMED = new Set(['loopback', 'linklocal', 'uniquelocal'])
/** A network with fewer fixed bits holds more than any private one: 10.0.0.0/8, fc00::/7. */
const LEAST_BITS = { 4: 8, 6: 7 } as const

/** The entries; none if no proxy is trusted. */
export const trustedProxies = (text: string): string[] =>
  text === 'off' ? [] : text.split(',').map((entry) => entry.trim())

const bitsOfMask = (mask: string): number =>
  mask.split('.').reduce((bits, part) => bits + Number(part).toString(2).replaceAll('0', '').length, 0)

/** How many bits of a network are fixed; undefined if it is no network and no address. */
const bitsOf = (entry: string): { family: 4 | 6; bits: number } | undefined => {
  const [address = '', range, ...more] = entry.split('/')
  const family = isIP(address) as 0 | 4 | 6
  const most = family === 4 ? 32 : 128
  if (family === 0 || more.length > 0) return undefined
  if (range === undefined) return { family, bits: most }
  const bits = family === 4 && isIP(range) === 4 ? bitsOfMask(range) : /^\d{1,3}$/.test(range) ? Number(range) : -1
  return bits < 0 || bits > most ? undefined : { family, bits }
}

/** Entries that the service could not start with. */
export const proxyFaults = (text: string): string[] =>
  trustedProxies(text).flatMap((entry, i) =>
    NAMED.has(entry) || bitsOf(entry) !== undefined
      ? []
      : [
          `COATCHECK_TRUST_PROXY: entry ${i + 1} is no address and no network. Write \`off\`, or addresses such as 10.0.0.1 and networks such as 10.0.0.0/8.`,
        ],
  )

/** Networks with so many addresses that callers may stand in them. */
export const wideProxies = (text: string): string[] =>
  trustedProxies(text).filter((entry) => {
    const known = bitsOf(entry)
    return known !== undefined && known.bits < LEAST_BITS[known.family]
  })
