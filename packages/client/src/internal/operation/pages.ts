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

/** The service's own clock is China's. */
const chinaMillis = 8 * 3600 * 1000

/** As `YYYYMMDDhhmmss`; a text is taken as it is. @internal */
export const timeOf = (time: Date | string | undefined): string | undefined =>
  time instanceof Date
    ? new Date(time.getTime() + chinaMillis).toISOString().slice(0, 19).replace(/[-:T]/g, "")
    : time

/** One item after another, each page beginning after the last item of the one before. @internal */
export const after = <A, B, E, R>(
  ask: (after: string | undefined) => Effect.Effect<A, E, R>,
  read: (answer: A) => { readonly items: ReadonlyArray<B>; readonly next: string | null | undefined },
  start?: string
): Stream.Stream<B, E, R> =>
  Stream.paginateChunkEffect(start, (after) =>
    Effect.map(ask(after), (answer) => {
      const { items, next } = read(answer)
      // A page that does not go on would be asked for again for ever.
      const isMore = items.length > 0 && next !== undefined && next !== null && next !== after
      return [Chunk.fromIterable(items), isMore ? Option.some<string | undefined>(next) : Option.none()] as const
    }))
