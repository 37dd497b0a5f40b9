/**
 * Many texts, cut into the requests that the service takes, and their vectors put back into order.
 *
 * @internal
 */
import * as Either from "effect/Either"
import { ApiError } from "../../DashScopeError.js"

/** How many texts one request may have. @internal */
export const batchSizeOf = (model: string): number => /^text-embedding-(?:async-)?v[12]$/.test(model) ? 25 : 10

/** A request's share. @internal */
export interface Batch {
  readonly texts: ReadonlyArray<string>
  /** For each of its texts, where it stands in all texts: at more than one place where it was given more than once. */
  readonly places: ReadonlyArray<ReadonlyArray<number>>
}

/** Each text once, in batches of this size, in order. @internal */
export const cut = (texts: ReadonlyArray<string>, size: number): ReadonlyArray<Batch> => {
  const places = new Map<string, Array<number>>()
  for (const [place, text] of texts.entries()) {
    const known = places.get(text)
    if (known === undefined) places.set(text, [place])
    else known.push(place)
  }
  const unique = [...places]
  const batches: Array<Batch> = []
  for (let at = 0; at < unique.length; at += size) {
    const share = unique.slice(at, at + size)
    batches.push({ texts: share.map(([text]) => text), places: share.map(([, places]) => places) })
  }
  return batches
}

/**
 * What the service gave for each of a request's texts, in their order; an error where there is not exactly one for each.
 *
 * @internal
 */
export const matched = <A extends { readonly textIndex: number }>(
  embeddings: ReadonlyArray<A>,
  count: number,
  requestId: string | null | undefined
): Either.Either<ReadonlyArray<A>, ApiError> => {
  const byIndex = new Map(embeddings.map((embedding) => [embedding.textIndex, embedding]))
  const ordered: Array<A> = []
  for (let index = 0; index < count; index++) {
    const embedding = byIndex.get(index)
    if (embedding !== undefined) ordered.push(embedding)
  }
  return embeddings.length === count && ordered.length === count ? Either.right(ordered) : Either.left(
    new ApiError({
      reason: "UnexpectedResponse",
      isRetryable: false,
      statusCode: 200,
      code: "",
      description:
        `there must be one embedding for each of ${count} texts, and there are ${embeddings.length}, for ${ordered.length} of them`,
      ...(requestId ? { requestId } : undefined)
    })
  )
}

const mostNamed = 3

/** Positions in few words: `0`, `3, 17`, `20 to 29`, `1, 5, 9 and 7 more`. @internal */
export const named = (positions: ReadonlyArray<number>): string => {
  const [first = 0] = positions
  const last = positions[positions.length - 1] ?? first
  if (positions.length > 2 && last - first === positions.length - 1) return `${first} to ${last}`
  const more = positions.length - mostNamed
  return more > 0 ? `${positions.slice(0, mostNamed).join(", ")} and ${more} more` : positions.join(", ")
}
