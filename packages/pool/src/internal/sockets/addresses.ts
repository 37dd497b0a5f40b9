// The default export is the module's own object, whose functions a program may have replaced.
import Dns from "node:dns"
import { isIP } from "node:net"
import { errorOf } from "./foreign.js"

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

/** A resolver may give one address, or records of them; what is neither is left out. */
const addressesOf = (found: unknown): ReadonlyArray<Address> =>
  (Array.isArray(found) ? found : [found]).flatMap((one: unknown) => {
    const address = typeof one === "object" && one !== null && "address" in one ? one.address : one
    return typeof address === "string" && isIP(address) !== 0 ? [{ address, family: isIP(address) }] : []
  })

const lookupError = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code: "ENOTFOUND", syscall: "getaddrinfo" })

/**
 * The addresses of a host. Node's resolver may have been replaced: what it throws, or gives that is no address, becomes an
 * error, and only its first answer counts. It may also never answer. `done` is not called before this has returned.
 *
 * @internal
 */
export const resolve = (
  hostname: string,
  done: (error: Error | undefined, addresses: ReadonlyArray<Address>) => void
): void => {
  const family = isIP(hostname)
  if (family !== 0) return queueMicrotask(() => done(undefined, [{ address: hostname, family }]))
  let isAnswered = false
  const answer = (error: Error | undefined, addresses: ReadonlyArray<Address> = []) => {
    if (isAnswered) return
    isAnswered = true
    queueMicrotask(() => done(error, addresses))
  }
  const failed = (thrown: unknown) => {
    const error = errorOf(thrown)
    answer("syscall" in error ? error : lookupError(`${hostname} cannot be resolved: ${error.message}`, error))
  }
  try {
    Dns.lookup(hostname, { all: true }, (error: unknown, found: unknown) => {
      if (error) return failed(error)
      try {
        const addresses = addressesOf(found)
        if (addresses.length === 0) answer(lookupError(`${hostname} has no address`))
        else answer(undefined, interleave(addresses))
      } catch (thrown) {
        failed(thrown)
      }
    })
  } catch (thrown) {
    failed(thrown)
  }
}
