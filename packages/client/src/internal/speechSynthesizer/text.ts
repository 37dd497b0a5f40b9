/**
 * Texts to be spoken: what they count for, and where they may be cut. The service joins the texts of a task again, so that a cut is
 * not heard.
 */

const han = /\p{Script=Han}/u

/** Below it there are no ideographs. */
const firstHan = 0x2e80

/** A sign outside of the basic plane counts for two, as it does in Java. */
const weightOf = (sign: string): number => sign.charCodeAt(0) < firstHan ? 1 : han.test(sign) ? 2 : sign.length

/** How many characters the service counts: an ideograph is two. @internal */
export const weigh = (text: string): number => {
  let weight = 0
  for (const sign of text) weight += weightOf(sign)
  return weight
}

/** The same of SSML, whose tags are free. @internal */
export const weighSsml = (text: string): number => weigh(text.replace(/<[^>]*>/g, ""))

const isSpace = (sign: string): boolean => sign.trim() === ""

/** @internal */
export const isBlank = isSpace

const isEnd = (sign: string, before: string): boolean =>
  "。！？!?；;…\n".includes(sign) || (before === "." && isSpace(sign))

/** Where the last complete sentence ends; 0 where there is none. @internal */
export const lastEnd = (text: string): number => {
  let end = 0
  let at = 0
  let before = ""
  for (const sign of text) {
    at += sign.length
    if (isEnd(sign, before)) end = at
    before = sign
  }
  return end
}

/**
 * A text in pieces that count for so many characters at the most: whole sentences where they fit, whole words where they do not,
 * and never half a sign. Together the pieces are the text.
 *
 * @internal
 */
export const split = (text: string, most: number): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  let start = 0
  let at = 0
  let weight = 0
  let sentence = 0
  let word = 0
  let before = ""
  for (const sign of text) {
    const more = weightOf(sign)
    while (weight + more > most && start < at) {
      const end = sentence > start ? sentence : word > start ? word : at
      pieces.push(text.slice(start, end))
      weight = weigh(text.slice(end, at))
      start = end
    }
    weight += more
    at += sign.length
    if (isEnd(sign, before)) sentence = at
    else if (isSpace(sign)) word = at
    before = sign
  }
  if (start < at) pieces.push(text.slice(start))
  return pieces
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/**
 * Makes what may be sent of texts that come in any pieces: no half signs, nothing but spaces in no piece, none that is too
 * large. With `whole`, sentences stay together.
 *
 * @internal
 */
export class Pieces {
  /** Came before, and waits for what follows it. */
  private rest = ""

  constructor(
    private readonly most: number,
    private readonly whole: boolean
  ) {}

  add(text: string): ReadonlyArray<string> {
    const all = this.rest + text
    const end = this.whole
      ? lastEnd(all)
      : isHighSurrogate(all.charCodeAt(all.length - 1))
      ? all.length - 1
      : all.length
    return this.cut(all, end)
  }

  /** What is left when nothing follows, or is to be spoken at once. */
  end(): ReadonlyArray<string> {
    const { rest } = this
    this.rest = ""
    return isBlank(rest) ? [] : this.cut(rest, rest.length)
  }

  private cut(all: string, end: number): ReadonlyArray<string> {
    const text = all.slice(0, end)
    if (isBlank(text)) {
      this.rest = all
      return []
    }
    this.rest = all.slice(end)
    return split(text, this.most).filter((piece) => !isBlank(piece))
  }
}
