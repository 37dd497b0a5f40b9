import * as Redacted from "effect/Redacted"
import * as NoProxy from "./noProxy.js"
import type { Origin } from "./origin.js"

export type { Origin } from "./origin.js"

/** A proxy URL with its credentials taken apart, or undefined where it is not one. @internal */
export const proxyFromUrl = (input: string): {
  readonly url: string
  readonly username?: string
  readonly password?: Redacted.Redacted
} | undefined => {
  const url = URL.canParse(input) ? new URL(input) : undefined
  if (url === undefined || !(url.protocol === "http:" || url.protocol === "https:") || url.hostname === "") {
    return undefined
  }
  return {
    url: url.origin,
    ...(url.username === "" ? undefined : { username: percentDecode(url.username) }),
    ...(url.password === "" ? undefined : { password: Redacted.make(percentDecode(url.password)) })
  }
}

/** Leaves a stray percent sign as it is. */
const percentDecode = (text: string) =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (octets) =>
    new TextDecoder().decode(
      Uint8Array.from(octets.slice(1).split("%"), (octet) => parseInt(octet, 16))
    ))

/** Whether a host is to be reached directly; see `NoProxy`. @internal */
export const bypassesProxy = (target: Origin, noProxy: ReadonlyArray<string>): boolean =>
  NoProxy.make(noProxy).covers(target)

/** What the conventional variables say for a target: the URL of its proxy, or undefined for none. @internal */
export const proxyFromEnvironment = (
  target: Origin,
  variables: Readonly<Record<string, string | undefined>>
): string | undefined => {
  // A variable that is set to nothing, or to blanks, is as good as not set.
  const read = (name: string) => variables[name.toLowerCase()]?.trim() || variables[name]?.trim() || undefined
  if (bypassesProxy(target, NoProxy.entriesOf(read("NO_PROXY") ?? ""))) return undefined
  return read(target.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") ?? read("ALL_PROXY")
}
