/**
 * The names of options, and what a misspelt one was meant to be: for clients that are built on this package too.
 *
 * @since 0.1.0
 */

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

/** Its words, from each to the end: `connectionPoolSize` ends with `poolSize` and `size`. */
const endings = (name: string): ReadonlyArray<string> =>
  Array.from(name.matchAll(/[A-Z][a-z]/g), ({ index }) => name.slice(index)).filter((ending) => ending.length >= 4)

const closest = (
  wanted: string,
  names: Iterable<string>,
  formsOf: (name: string) => ReadonlyArray<string>
): string | undefined => {
  let found: string | undefined
  // Of short names only one character may differ, of longer ones up to a third.
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of names) {
    for (const form of formsOf(candidate)) {
      const far = distance(wanted, plain(form))
      if (far < least) {
        least = far
        found = candidate
      }
    }
  }
  return found
}

/**
 * The name that was probably meant, or nothing where none is near: one that is spelt alike, else one that ends alike.
 *
 * @since 0.1.0
 * @category accessors
 */
export const nearest = (name: string, names: Iterable<string>): string | undefined => {
  const wanted = plain(name)
  if (wanted === "" || wanted.length > longestName) return undefined
  const known = [...names]
  return closest(wanted, known, (candidate) => [candidate]) ??
    (wanted.length < 4 ? undefined : closest(wanted, known, endings))
}

/**
 * What to say of a name that does not exist: `; did you mean "topP"?`, or nothing.
 *
 * @since 0.1.0
 * @category accessors
 */
export const didYouMean = (name: string, names: Iterable<string>): string => {
  const meant = nearest(name, names)
  return meant === undefined ? "" : `; did you mean "${meant}"?`
}
