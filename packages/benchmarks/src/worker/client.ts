import * as Effect from "effect/Effect"
import * as answers from "../answers.js"

/** Where the server is, and how many connections a client that can be told so may open. */
export interface Settings {
  /** With the behaviour as its path: `http://127.0.0.1:4100/d0`. */
  readonly url: string
  readonly connections: number
  /** Whom to trust, as PEM, where the URL is one of https. */
  readonly ca?: string | undefined
}

/** Makes so many calls, so many of them in flight, and checks each answer. */
export type Calls = (count: number, inFlight: number) => Promise<void>

/** A client under measurement. */
export interface Client {
  readonly calls: Calls
  /** Calls that want more than the others, as a program makes some: headers of their own, deadlines of their own. */
  readonly particular?: ReadonlyArray<Calls>
  /** Reads one stream to its end and hands on the text of each event. */
  readonly stream: (onPiece: (text: string) => void) => Promise<void>
  /** Does what has to be done once before the first call, which would do it otherwise. */
  readonly build?: () => Promise<void>
}

export type Start = (settings: Settings) => Promise<Client>

/** A wrong answer would be cheaper than a right one, and the row worthless. */
export const check = (text: string): void => {
  if (text !== answers.text) throw new Error(`not the answer: ${JSON.stringify(text.slice(0, 80))}`)
}

const range = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i)

/** Calls of a client that gives promises: as many loops as calls in flight. */
export const inLoops = (call: () => Promise<string>): Calls => async (count, inFlight) => {
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
