const redacted = "<redacted>"

/** Shorter ones are no secrets (a test's "key"), and taking them out would spoil every message. */
const shortest = 6

/**
 * Takes secrets out of a text: as they are, and as they look inside JSON, a URL or after `Bearer`.
 *
 * @internal
 */
export const scrub = (text: string, secrets: ReadonlyArray<string>): string => {
  let out = text
  for (const secret of secrets) {
    if (secret.length < shortest) continue
    out = out.replaceAll(secret, redacted)
    const inJson = JSON.stringify(secret).slice(1, -1)
    if (inJson !== secret) out = out.replaceAll(inJson, redacted)
    const inUrl = encodeURIComponent(secret)
    if (inUrl !== secret) out = out.replaceAll(inUrl, redacted)
  }
  return out
}

// A body is the service's text, or anybody's on the way: no control characters into terminals and logs.
const unprintable = /[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+/g

/**
 * A text on one line, of at most `length` characters.
 *
 * @internal
 */
export const excerpt = (text: string, length: number): string => {
  // Bodies may be long; only what can be part of the excerpt is worked on.
  const line = text.slice(0, length * 8).replace(unprintable, " ").trim()
  if (line.length <= length) return line
  const cut = line.charCodeAt(length - 1)
  const isHighSurrogate = cut >= 0xd800 && cut <= 0xdbff
  return `${line.slice(0, isHighSurrogate ? length - 1 : length)}…`
}
