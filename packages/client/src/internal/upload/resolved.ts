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

/** What an input has of media. */
interface Found {
  readonly media: Set<Media.Media>
  isStored: boolean
}

const storage = "oss://"

/** A text that is said is none of them, whatever it begins with. */
const find = (value: unknown, found: Found): void => {
  if (typeof value === "string") {
    if (value.startsWith(storage)) found.isStored = true
  } else if (Array.isArray(value)) {
    for (const item of value) find(item, found)
  } else if (Media.isMedia(value)) {
    found.media.add(value)
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      if (key !== "text" || typeof value[key] !== "string") find(value[key], found)
    }
  }
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

/** Without it the service takes the URL of a temporary upload for one that it cannot reach. */
const withHeader = (request: Request): Request => ({
  ...request,
  headers: { ...request.headers, "x-dashscope-ossresourceresolve": "enable" }
})

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
  const found: Found = { media: new Set(), isStored: false }
  find(input, found)
  if (found.media.size === 0) {
    return Effect.succeed({ request: found.isStored ? withHeader(request) : request, options })
  }
  const urls = Effect.map(
    Effect.forEach(
      found.media,
      (media) => Effect.map(resolve(media, { ...options, model }), (url) => [media, url] as const),
      { concurrency }
    ),
    (pairs) => new Map<unknown, string>(pairs)
  )
  const prepared = Effect.map(urls, (urls): Prepared => {
    const isStored = found.isStored || [...urls.values()].some((url) => url.startsWith(storage))
    const asked = withInput(request, replace(input, urls))
    return { request: isStored ? withHeader(asked) : asked, options }
  })
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
