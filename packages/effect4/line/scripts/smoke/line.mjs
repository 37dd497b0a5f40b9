// What the packages of the line of Effect 4 stand on, and where they are found.

/** The version of a peer that a newcomer takes. */
export const newest = (peer) => `${peer}@4`

/** With the provider's oldest peers: all have the same. */
export const oldestBeside = []

/** Where `FetchHttpClient` is. */
export const http = "effect/http"
