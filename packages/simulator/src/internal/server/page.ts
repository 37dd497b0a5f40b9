/**
 * Lists that are told page by page.
 */

/** @internal */
export interface Page {
  /** From 1. */
  readonly number: number
  readonly size: number
}

const least = (text: string | null, standard: number): number => {
  const number = text === null ? standard : Number(text)
  return Number.isInteger(number) && number > 0 ? number : standard
}

const mostOnPage = 100

/** @internal */
export const readPage = (query: URLSearchParams): Page => ({
  number: least(query.get("page_no"), 1),
  size: Math.min(mostOnPage, least(query.get("page_size"), 10))
})

/** @internal */
export const pageOf = <A>(all: ReadonlyArray<A>, { number, size }: Page): ReadonlyArray<A> =>
  all.slice((number - 1) * size, number * size)
