/**
 * Media in a request: each becomes a URL before the request is sent.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CallOptions } from "../../CallOptions.js"
import { type DashScopeError, RequestTimeout } from "../../DashScopeError.js"
import type { Request } from "../../Envelope.js"
import * as Media from "../../Media.js"
import { isRecord } from "../core/record.js"
import { resolving } from "./stored.js"

/** `Upload.resolve` of the service. @internal */
export type Resolve = (
  media: Media.Media,
  options: CallOptions & { readonly model: string }
) => Effect.Effect<string, DashScopeError>

/** A request whose body may hold media, and its options. @internal */
export interface Prepared {
  readonly request: Request
  readonly options: CallOptions | undefined
}

const find = (value: unknown, found: Set<Media.Media>): void => {
  if (Array.isArray(value)) { for (const item of value) find(item, found) }
  else if (Media.isMedia(value)) found.add(value)
  else if (isRecord(value)) { for (const inner of Object.values(value)) find(inner, found) }
}

const replace = (value: unknown, urls: ReadonlyMap<unknown, string>): unknown => {
  if (Array.isArray(value)) return value.map((item) => replace(item, urls))
  const url = urls.get(value)
  if (url !== undefined) return url
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner, urls)]))
    : value
}

const withInput = (request: Request, input: unknown): Request =>
  isRecord(request.body) ? { ...request, body: { ...request.body, input } } : request

/** Files that are put at once. */
const concurrency = 4

const limitOf = (options: CallOptions | undefined): Duration.Duration | undefined => {
  const timeout: unknown = options?.timeout
  // A bare number is for the call to refuse.
  return timeout === undefined || typeof timeout === "number"
    ? undefined
    : Option.getOrUndefined(Option.filter(Duration.decodeUnknown(timeout), Duration.isFinite))
}

/**
 * The request with URLs for all media of its input, and with the header that those of temporary uploads need. The call's own
 * `timeout` bounds uploads and request together.
 *
 * @internal
 */
export const resolved = (
  { options, request }: Prepared,
  model: string,
  resolve: Resolve
): Effect.Effect<Prepared, DashScopeError> => {
  const input = isRecord(request.body) ? request.body["input"] : undefined
  const media = new Set<Media.Media>()
  find(input, media)
  if (media.size === 0) return Effect.succeed({ request: resolving(request), options })
  const urls = Effect.map(
    Effect.forEach(
      media,
      (media) => Effect.map(resolve(media, { ...options, model }), (url) => [media, url] as const),
      { concurrency }
    ),
    (pairs) => new Map<unknown, string>(pairs)
  )
  const prepared = Effect.map(
    urls,
    (urls): Prepared => ({ request: resolving(withInput(request, replace(input, urls))), options })
  )
  const limit = limitOf(options)
  return limit === undefined ? prepared : within(prepared, limit)
}

const within = (
  self: Effect.Effect<Prepared, DashScopeError>,
  limit: Duration.Duration
): Effect.Effect<Prepared, DashScopeError> =>
  Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
    Effect.timeoutFail(self, {
      duration: limit,
      onTimeout: () => new RequestTimeout({ phase: "total", duration: limit })
    }).pipe(
      Effect.flatMap(({ options, request }) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const left = Duration.toMillis(limit) - (now - startedAt)
          return left > 0
            ? Effect.succeed({ request, options: { ...options, timeout: Duration.millis(left) } })
            : Effect.fail(new RequestTimeout({ phase: "total", duration: limit }))
        })
      )
    ))
