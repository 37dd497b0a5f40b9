/** A secret that is shorter is no secret, and would take words apart. */
const shortest = 6

const mark = "<redacted>"

/** Replaces what the peer repeats of the request's secrets. The secrets cannot be seen from outside. @internal */
export type Hide = (text: string) => string

/** @internal */
export const hide = (secrets: ReadonlyArray<string>): Hide => {
  // "Bearer sk-…": what follows the scheme is the secret.
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(" ").slice(1)])
    .filter((part) => part.length >= shortest)
  return parts.length === 0
    ? (text) => text
    : (text) => parts.reduce((hidden, part) => hidden.replaceAll(part, mark), text)
}
