/**
 * What search makes of a text. VitePress sends the function to the browser as its source: it must not use anything from
 * outside of itself.
 *
 * Chinese has no spaces: each run becomes its pairs of characters, and its last character, so that any word is found by the
 * pairs it consists of, and a single character by the pairs which begin with it. A name in camelCase becomes itself, its
 * words, and what is left of it from each word on (`poolsize` of `connectionPoolSize`); its beginnings are found since
 * search looks for prefixes.
 */
export const tokenize = (text: string): Array<string> => {
  const tokens: Array<string> = []
  for (const [piece] of text.matchAll(/\p{Script=Han}+|[\p{L}\p{N}]+?(?=\p{Script=Han})|[\p{L}\p{N}]+/gu)) {
    if (/^\p{Script=Han}/u.test(piece)) {
      const characters = Array.from(piece)
      for (let i = 0; i + 1 < characters.length; i++) tokens.push(`${characters[i]}${characters[i + 1]}`)
      tokens.push(characters[characters.length - 1] ?? "")
      continue
    }
    tokens.push(piece)
    const words = piece.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|\p{Lo}+/gu) ?? []
    for (let i = 0; i < words.length; i++) {
      if (words.length < 2) break
      tokens.push(words[i] ?? "")
      if (i > 0 && i + 1 < words.length) tokens.push(words.slice(i).join(""))
    }
  }
  return tokens
}

/** Of what is searched for: a run of Chinese is the pairs alone, unless it is a single character. */
export const tokenizeQuery = (text: string): Array<string> => {
  const tokens: Array<string> = []
  for (const [piece] of text.matchAll(/\p{Script=Han}+|[\p{L}\p{N}]+?(?=\p{Script=Han})|[\p{L}\p{N}]+/gu)) {
    const characters = Array.from(piece)
    if (!/^\p{Script=Han}/u.test(piece) || characters.length === 1) {
      tokens.push(piece)
      continue
    }
    for (let i = 0; i + 1 < characters.length; i++) tokens.push(`${characters[i]}${characters[i + 1]}`)
  }
  return tokens
}
