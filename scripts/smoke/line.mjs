// What the packages of this line stand on, and where they are found. That of Effect 4 has a file of its own.

/** The version of a peer that a newcomer takes. */
export const newest = (peer) => `${peer}@${peer === "effect" ? 3 : 0}`

/** With the provider's oldest peers: the client's own peer that goes with them, and that peer's, which npm would take newer. */
export const oldestBeside = [
  ["@effect/platform-node", "0.108.0"],
  ["@effect/cluster", "0.60.0"],
  ["@effect/sql", "0.52.0"],
  ["@effect/workflow", "0.19.0"]
]

/** Where `FetchHttpClient` is. */
export const http = "@effect/platform"
