// The default export is the module's own object, whose functions a program may have replaced.
import Dns from "node:dns"
import { isIP } from "node:net"

/** @internal */
export interface Address {
  readonly address: string
  readonly family: number
}

/** The families in turn, as RFC 8305 has it, beginning with that of the first address. @internal */
export const interleave = (addresses: ReadonlyArray<Address>): ReadonlyArray<Address> => {
  const [first] = addresses
  if (first === undefined) return addresses
  const same = addresses.filter(({ family }) => family === first.family)
  const other = addresses.filter(({ family }) => family !== first.family)
  return same.flatMap((address, i) => [address, ...other.slice(i, i + 1)]).concat(other.slice(same.length))
}

const isAddress = (u: unknown): u is Address =>
  typeof u === "object" && u !== null && "address" in u && typeof u.address === "string" && isIP(u.address) !== 0

/**
 * The addresses of a host. What the resolver throws, or gives that is no address, becomes an error; it may also never answer.
 *
 * @internal
 */
export const resolve = (
  hostname: string,
  done: (error: Error | undefined, addresses: ReadonlyArray<Address>) => void
): void => {
  const family = isIP(hostname)
  if (family !== 0) return done(undefined, [{ address: hostname, family }])
  const failed = (error: unknown) =>
    done(error instanceof Error ? error : new Error(`${hostname} cannot be resolved: ${String(error)}`), [])
  try {
    Dns.lookup(hostname, { all: true }, (error: unknown, found: unknown) => {
      if (error) return failed(error)
      const addresses = Array.isArray(found) ? found.filter(isAddress) : []
      if (addresses.length === 0) {
        return failed(Object.assign(new Error(`${hostname} has no address`), { code: "ENOTFOUND" }))
      }
      done(undefined, interleave(addresses))
    })
  } catch (error) {
    failed(error)
  }
}
