/** Random numbers that follow from a seed. */

/** Mulberry32: small, and the same everywhere. */
export const randomOf = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const integer = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    integer,
    chance: (probability: number) => next() < probability,
    pick: <A>(from: ReadonlyArray<A>): A => from[integer(0, from.length - 1)]!
  }
}

export type Random = ReturnType<typeof randomOf>
