/** What may go into a request line and its headers. Messages never repeat a value: it may be a secret. @internal */

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// Everything HTTP and fetch allow; what is missing are control characters, and characters that have no single byte.
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/
const visibleAscii = /^[\x21-\x7e]+$/
const path = /^\/(?!\/)[A-Za-z0-9\-._~%:@!$&'()*+,;=/]*$/
const dotSegment = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i

/** Headers that say how the message is framed: a wrong one lets a request be read as two. */
const framing = new Set(["content-length", "transfer-encoding", "connection", "host", "upgrade", "expect"])

const sensitive = /authorization|cookie|api-?key|access-?key|token|secret|password|credential|encryptionkey|signature/i

/** What is wrong with a header, or nothing. @internal */
export const headerProblem = (name: string, value: unknown): string | undefined => {
  if (!token.test(name)) return "the name is not a legal header name"
  if (framing.has(name.toLowerCase())) return "the HTTP client sets this header itself"
  if (typeof value !== "string") return "the value must be a string"
  return fieldValue.test(value) ? undefined : "the value has a line break, a control character or one beyond Latin-1"
}

/** What is wrong with an API key, or nothing. @internal */
export const keyProblem = (key: string): string | undefined =>
  visibleAscii.test(key) ?
    undefined :
    "the key has a space, a line break, a control character or a character beyond ASCII"

/** What is wrong with an id that goes into a header, or nothing. @internal */
export const idProblem = (id: unknown): string | undefined =>
  typeof id === "string" && visibleAscii.test(id) ? undefined : "must be visible ASCII, without spaces"

/** What is wrong with a path, or nothing. @internal */
export const pathProblem = (u: string): string | undefined =>
  path.test(u) && !dotSegment.test(u) ? undefined : "not a path of a URL: encode what goes into it"

/** Whether the value of a header is likely a secret. @internal */
export const isSensitive = (name: string): boolean => sensitive.test(name)

/** For `Headers.currentRedactedNames`. @internal */
export const sensitiveNames = sensitive
