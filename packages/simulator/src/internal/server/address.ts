/** Where a server listens. */
import type * as Net from "node:net"

/** The port of a server that listens to TCP, or 0. */
export const portOf = (server: Net.Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}
