/**
 * A tokenizer of our own, near enough for usage numbers: a CJK character is a token, a word is one, any other sign is
 * one. White space belongs to the token after it (at the end of a text, to the last one), so tokens always join to the
 * text they came from.
 */

const enum Kind {
  Space,
  Word,
  Sign
}

const otherWord = /[\p{L}\p{N}\p{M}]/u

const isCjk = (code: number): boolean =>
  (code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af) ||
  (code >= 0xf900 && code <= 0xfaff) || (code >= 0x20000 && code <= 0x3ffff)

const kindOf = (code: number): Kind => {
  if (code < 0x80) {
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) {
      return Kind.Space
    }
    const isWord = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) ||
      code === 0x5f
    return isWord ? Kind.Word : Kind.Sign
  }
  if (isCjk(code)) {
    return Kind.Sign
  }
  if (code === 0xa0 || code === 0x3000) {
    return Kind.Space
  }
  return otherWord.test(String.fromCodePoint(code)) ? Kind.Word : Kind.Sign
}

const width = (code: number): number => code > 0xffff ? 2 : 1

/** The end of the token that starts at `from`, which is inside the text. */
const nextToken = (text: string, from: number): number => {
  let at = from
  let inWord = false
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0
    const kind = kindOf(code)
    if (inWord) {
      if (kind !== Kind.Word) {
        break
      }
    } else if (kind === Kind.Sign) {
      at += width(code)
      inWord = false
      break
    } else if (kind === Kind.Word) {
      inWord = true
    }
    at += width(code)
  }
  return at
}

const isBlank = (text: string, from: number): boolean => {
  for (let at = from; at < text.length; at++) {
    if (kindOf(text.charCodeAt(at)) !== Kind.Space) {
      return false
    }
  }
  return true
}

/** @internal */
export const tokenize = (text: string): Array<string> => {
  const tokens: Array<string> = []
  let at = 0
  while (at < text.length) {
    const end = nextToken(text, at)
    const token = text.slice(at, end)
    const last = tokens.length - 1
    if (end === text.length && last >= 0 && isBlank(token, 0)) {
      tokens[last] = (tokens[last] ?? "") + token
    } else {
      tokens.push(token)
    }
    at = end
  }
  return tokens
}

/** @internal */
export const countTokens = (text: string): number => {
  let count = 0
  let at = 0
  while (at < text.length) {
    const end = nextToken(text, at)
    if (end < text.length || count === 0 || !isBlank(text, at)) {
      count++
    }
    at = end
  }
  return count
}
