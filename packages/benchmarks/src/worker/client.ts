import * as Effect from "effect/Effect"
import * as answers from "../answers.js"

/** Where the server is, and how many connections a client that can be told so may open. */
export interface Settings {
  /** With the behaviour as its path: `http://127.0.0.1:4100/d0`. */
  readonly url: string
  readonly connections: number
}

/** A client under measurement. */
export interface Client {
  /** Makes so many calls, so many of them in flight, and checks each answer. */
  readonly calls: (count: number, inFlight: number) => Promise<void>
  /** Reads one stream to its end and hands on the text of each event. */
  readonly stream: (onPiece: (text: string) => void) => Promise<void>
}

export type Start = (settings: Settings) => Promise<Client>

/** A wrong answer would be cheaper than a right one, and the row worthless. */
export const check = (text: string): void => {
  if (text !== answers.text) throw new Error(`not the answer: ${JSON.stringify(text.slice(0, 80))}`)
}

const range = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i)

/** Calls of a client that gives promises: as many loops as calls in flight. */
export const inLoops = (call: () => Promise<string>): Client["calls"] => async (count, inFlight) => {
  let left = count
  const loop = async () => {
    while (left-- > 0) check(await call())
  }
  await Promise.all(range(Math.min(count, inFlight)).map(loop))
}

/** The same for a client that gives effects: as many fibers as calls in flight. */
export const inFibers =
  <E, R>(call: Effect.Effect<string, E, R>) => (count: number, inFlight: number): Effect.Effect<void, E, R> =>
    Effect.suspend(() => {
      let left = count
      const loop = Effect.whileLoop({ while: () => left-- > 0, body: () => call, step: check })
      return Effect.forEach(range(Math.min(count, inFlight)), () => loop, { concurrency: "unbounded", discard: true })
    })
