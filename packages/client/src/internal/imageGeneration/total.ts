/**
 * Elements of a stream of text and images, put together.
 *
 * @internal
 */
import type { Total } from "../operation/stream.js"

/** @internal */
export interface Part {
  readonly image?: string | null | undefined
  readonly text?: string | null | undefined
}

interface Choice<P> {
  readonly finishReason?: string | null | undefined
  readonly message?: { readonly content?: ReadonlyArray<P> | null | undefined } | null | undefined
}

/** @internal */
export interface Element<P extends Part = Part> {
  readonly output: { readonly choices?: ReadonlyArray<Choice<P>> | null | undefined }
  readonly usage?: unknown
}

const isText = (part: Part | undefined): part is Part & { readonly text: string } =>
  typeof part?.text === "string" && !part.image

/** Text that goes on is one text; everything else is a part of its own. */
const joined = <P extends Part>(before: ReadonlyArray<P>, after: ReadonlyArray<P>): ReadonlyArray<P> => {
  const parts = [...before]
  for (const part of after) {
    const last = parts.at(-1)
    if (isText(last) && isText(part)) parts[parts.length - 1] = { ...last, ...part, text: last.text + part.text }
    else parts.push(part)
  }
  return parts
}

const merged = <P extends Part, C extends Choice<P>>(before: C | undefined, after: C | undefined): C | undefined => {
  if (before === undefined || after === undefined) return after ?? before
  const content = joined(before.message?.content ?? [], after.message?.content ?? [])
  return { ...before, ...after, message: { ...before.message, ...after.message, content } }
}

/** What is there of one and of the other: the later says what is new. @internal */
export const add = <P extends Part, A extends Element<P>>(before: A, after: A): A => {
  const [old, more] = [before.output.choices ?? [], after.output.choices ?? []]
  const choices = Array.from(
    { length: Math.max(old.length, more.length) },
    (_, i) => merged<P, Choice<P>>(old[i], more[i])
  )
  const usage = after.usage ?? before.usage
  return {
    ...before,
    ...after,
    output: { ...before.output, ...after.output, choices },
    ...(usage === undefined ? undefined : { usage })
  }
}

const sizeOf = ({ output }: Element): number =>
  (output.choices ?? []).reduce(
    (sum, { message }) =>
      (message?.content ?? []).reduce(
        (sum, { image, text }) => sum + (image?.length ?? 0) + (text?.length ?? 0),
        sum
      ),
    0
  )

/** @internal */
export class ImageTotal<A extends Element> implements Total<A> {
  size = 0
  private whole: A | undefined

  readonly add = (element: A): void => {
    this.size += sizeOf(element)
    this.whole = this.whole === undefined ? element : add(this.whole, element)
  }

  readonly get = (): A | undefined => this.whole
}
