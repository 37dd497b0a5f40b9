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

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, "$1")

/** An address in any of its spellings, or a block of addresses such as `10.0.0.0/8` or `fd00::/8`. */
const addressRule = (host: string): Rule["matches"] | undefined => {
  const [address = "", prefix] = withoutBrackets(host).split("/")
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
  return (hostname) => isIP(hostname) === isIP(address) && list.check(hostname, family)
}

/** A host and its subdomains; a leading dot or `*.` changes nothing. */
const nameRule = (host: string): Rule["matches"] => {
  const suffix = host.replace(/^\*?\./, "").replace(/\.$/, "")
  return (hostname) => hostname === suffix || hostname.endsWith(`.${suffix}`)
}

const ruleOf = (entry: string): Rule | undefined => {
  const text = entry.trim().toLowerCase()
  if (text === "") return undefined
  if (text === "*") return { port: undefined, matches: () => true }
  // "host:port" and "[::1]:port"; an address of IPv6 without brackets has more colons than one.
  const match = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(text)
  const host = match?.[1] ?? text
  return { port: match === null ? undefined : Number(match[2]), matches: addressRule(host) ?? nameRule(host) }
}

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
