/** How many letters have to be changed, added or left out to make one word of the other. */
const distance = (a: string, b: string): number => {
  let before = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    before = row
  }
  return before[b.length] ?? 0
}

/** Names that differ in their case or their underscores only are the same. */
const plain = (name: string): string => name.replace(/[_\-\s]/g, "").toLowerCase()

const longestName = 64

/** @internal The known name that an unknown one was most likely meant to be; nothing where none is like it. */
export const closest = (name: string, known: Iterable<string>): string | undefined => {
  const given = plain(name.slice(0, longestName))
  let best: string | undefined = undefined
  let least = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const candidate of known) {
    const found = distance(given, plain(candidate))
    if (found < least) {
      best = candidate
      least = found
    }
  }
  return best
}
