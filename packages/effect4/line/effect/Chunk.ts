/** Chunks of Effect 3 as Effect 4's streams have them: arrays that nobody writes to. */
import type * as Option from "effect/Option"

export type Chunk<A> = ReadonlyArray<A>
export type NonEmptyChunk<A> = readonly [A, ...Array<A>]

const none: Chunk<never> = []

export const empty = <A = never>(): Chunk<A> => none

export const of = <A>(a: A): NonEmptyChunk<A> => [a]

export const make = <As extends readonly [unknown, ...Array<unknown>]>(...as: As): NonEmptyChunk<As[number]> => as

export const unsafeFromArray = <A>(array: ReadonlyArray<A>): Chunk<A> => array

export const fromIterable = <A>(iterable: Iterable<A>): Chunk<A> => Array.from(iterable)

export const toReadonlyArray = <A>(chunk: Chunk<A>): ReadonlyArray<A> => chunk

export const toArray = <A>(chunk: Chunk<A>): Array<A> => chunk.slice()

export const size = <A>(chunk: Chunk<A>): number => chunk.length

export const isEmpty = <A>(chunk: Chunk<A>): boolean => chunk.length === 0

export const map = <A, B>(chunk: Chunk<A>, f: (a: A, i: number) => B): Chunk<B> => chunk.map((a, i) => f(a, i))

export const filterMap = <A, B>(chunk: Chunk<A>, f: (a: A, i: number) => Option.Option<B>): Chunk<B> => {
  const kept: Array<B> = []
  for (let i = 0; i < chunk.length; i++) {
    const option = f(chunk[i]!, i)
    if (option._tag === "Some") kept.push(option.value)
  }
  return kept
}

export const appendAll = <A, B>(first: Chunk<A>, second: Chunk<B>): Chunk<A | B> => [...first, ...second]

export const reduce = <A, B>(chunk: Chunk<A>, zero: B, f: (b: B, a: A) => B): B =>
  chunk.reduce((b: B, a) => f(b, a), zero)

export const join = (chunk: Chunk<string>, separator: string): string => chunk.join(separator)

/** The first; throws where there is none. */
export const unsafeHead = <A>(chunk: Chunk<A>): A => {
  if (chunk.length === 0) throw new Error("the chunk is empty")
  return chunk[0]!
}

/** The last; throws where there is none. */
export const unsafeLast = <A>(chunk: Chunk<A>): A => {
  if (chunk.length === 0) throw new Error("the chunk is empty")
  return chunk[chunk.length - 1]!
}
