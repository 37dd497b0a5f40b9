import { BlockList, isIP } from "node:net"
import type { Origin } from "./origin.js"

/** Which hosts are to be reached directly. @internal */
export interface NoProxy {
  readonly covers: (target: Origin) => boolean
}

interface Rule {
  readonly port: number | undefined
  readonly matches: (hostname: string) => boolean
}

const familyOf = (address: string): "ipv4" | "ipv6" => isIP(address) === 6 ? "ipv6" : "ipv4"

/** The addresses of IPv4 as IPv6 writes them. */
const mapped = new BlockList()
mapped.addSubnet("::ffff:0:0", 96, "ipv6")

/** An address in any of its spellings, or a block of addresses such as `10.0.0.0/8` or `fd00::/8`. */
const addressRule = (host: string): Rule["matches"] | undefined => {
  const [address = "", prefix] = host.split("/", 2)
  if (isIP(address) === 0) return undefined
  const list = new BlockList()
  const family = familyOf(address)
  if (prefix === undefined) {
    list.addAddress(address, family)
  } else {
    const bits = Number(prefix)
    if (!/^\d{1,3}$/.test(prefix) || bits > (family === "ipv6" ? 128 : 32)) return () => false
    list.addSubnet(address, bits, family)
  }
  const isOfV6 = family === "ipv6" && !mapped.check(address, "ipv6")
  // A list takes every address of IPv4 for one of IPv6.
  return (hostname) =>
    isIP(hostname) !== 0 && !(isOfV6 && isIP(hostname) === 4) && list.check(hostname, familyOf(hostname))
}

/** A host and its subdomains; a leading dot or `*.` changes nothing. An address is no name, and has no subdomains. */
const nameRule = (host: string): Rule["matches"] => {
  const suffix = host.replace(/^\*?\./, "").replace(/\.$/, "")
  if (suffix === "") return () => false
  return (hostname) => hostname === suffix || (isIP(hostname) === 0 && hostname.endsWith(`.${suffix}`))
}

/** `host:port`, `[::1]:port` and `[fd00::]/8:port`; an address of IPv6 without brackets has more colons than one. */
const partsOf = (text: string): { readonly host: string; readonly port: number | undefined } => {
  const [, address, block = "", port] = /^\[([^\]]*)\](\/\d+)?(?::(\d+))?$/.exec(text) ?? []
  if (address !== undefined) return { host: address + block, port: port === undefined ? undefined : Number(port) }
  const [, host, hostPort] = /^([^:]+):(\d+)$/.exec(text) ?? []
  return host === undefined ? { host: text, port: undefined } : { host, port: Number(hostPort) }
}

const ruleOf = (entry: string): Rule | undefined => {
  const text = entry.trim().toLowerCase()
  if (text === "") return undefined
  if (text === "*") return { port: undefined, matches: () => true }
  const { host, port } = partsOf(text)
  return { port, matches: addressRule(host.replace(/%[^/]*/, "")) ?? nameRule(host) }
}

/** The entries of a variable: separated by commas or blanks. @internal */
export const entriesOf = (list: string): ReadonlyArray<string> => list.split(/[\s,]+/).filter((entry) => entry !== "")

/**
 * The forms that curl, Go and Python's requests know: a host (with its subdomains), an address in any spelling, a block of
 * addresses, each with or without a port, and `*` for all.
 *
 * @internal
 */
export const make = (entries: ReadonlyArray<string>): NoProxy => {
  const rules = entries.flatMap((entry) => ruleOf(entry) ?? [])
  return {
    covers: ({ hostname, port }) => {
      const name = hostname.toLowerCase().replace(/\.$/, "")
      return rules.some((rule) => (rule.port === undefined || rule.port === port) && rule.matches(name))
    }
  }
}
