import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** Which page of a list, counted from 1, and how many it has. @internal */
export interface Page {
  readonly pageNo?: number | undefined
  readonly pageSize?: number | undefined
}

/** As a part of the query. @internal */
export const query = ({ pageNo, pageSize }: Page): Record<string, number | undefined> => ({
  page_no: pageNo,
  page_size: pageSize
})

/** One item after another, page after page: a page is asked for once those before it were read. @internal */
export const all = <A, B, E, R>(
  pageSize: number,
  ask: (page: Page) => Effect.Effect<A, E, R>,
  read: (answer: A) => { readonly items: ReadonlyArray<B>; readonly total: number | null | undefined }
): Stream.Stream<B, E, R> =>
  Stream.paginateChunkEffect(1, (pageNo) =>
    Effect.map(ask({ pageNo, pageSize }), (answer) => {
      const { items, total } = read(answer)
      const isMore = items.length > 0 &&
        (typeof total === "number" ? pageNo * pageSize < total : items.length >= pageSize)
      return [Chunk.fromIterable(items), isMore ? Option.some(pageNo + 1) : Option.none<number>()] as const
    }))
