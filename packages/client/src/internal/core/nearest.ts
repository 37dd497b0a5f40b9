/** How many single characters have to be changed, added, left out or swapped with the next. */
const distance = (a: string, b: string): number => {
  let beforeLast: ReadonlyArray<number> = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      let best = Math.min(last[j - 1]! + (isSame ? 0 : 1), last[j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1)
      }
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

/** Spellings of one name: `topP`, `top_p`, `TopP`. */
const plain = (name: string): string => name.replace(/[^A-Za-z0-9]/g, "").toLowerCase()

/** Longer than any name here, and short enough to compare. */
const longestName = 64

/**
 * The name that was probably meant, or nothing where none is near.
 *
 * @internal
 */
export const nearest = (name: string, names: Iterable<string>): string | undefined => {
  const wanted = plain(name)
  if (wanted === "" || wanted.length > longestName) return undefined
  let found: string | undefined
  // Of short names only one character may differ, of longer ones up to a third.
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of names) {
    const far = distance(wanted, plain(candidate))
    if (far < least) {
      least = far
      found = candidate
    }
  }
  return found
}

/**
 * What to say of a name that does not exist.
 *
 * @internal
 */
export const didYouMean = (name: string, names: Iterable<string>): string => {
  const meant = nearest(name, names)
  return meant === undefined ? "" : `; did you mean "${meant}"?`
}
