import type { Origin } from "./origin.js"
import { originOf } from "./origin.js"

/** Where a request goes. @internal */
export interface Destination {
  readonly url: URL
  readonly origin: string
  readonly target: Origin
  readonly path: string
}

/** @internal */
export const toDestination = (url: URL): Destination => ({
  url,
  origin: url.origin,
  target: originOf(url),
  path: url.pathname + url.search
})

/** Parsing a URL is expensive beside the rest of a request, and a client asks for the same few again and again. */
const destinations = new Map<string, Destination>()
const destinationsKept = 256

/** That of a URL's text, where it was kept. @internal */
export const knownDestination = (url: string): Destination | undefined => destinations.get(url)

/** @internal */
export const keepDestination = (url: string, destination: Destination): void => {
  if (destinations.size >= destinationsKept) destinations.clear()
  destinations.set(url, destination)
}
