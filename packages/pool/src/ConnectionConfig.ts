/**
 * The knobs of a connection pool. Each one holds for every request.
 *
 * The names and defaults of the first seven are those of Alibaba Cloud's page "DashScope SDK connection reuse".
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { proxyFromUrl } from "./internal/config/proxy.js"
import { secureContext } from "./internal/config/tls.js"
import { didYouMean } from "./Names.js"

/**
 * Every way to write a duration except a bare number: Alibaba's documentation counts in seconds and Effect in
 * milliseconds, so a number without a unit is refused.
 *
 * @since 0.1.0
 * @category models
 */
export type DurationWithUnit = Exclude<Duration.DurationInput, number>

const longestTimer = 2 ** 31 - 1

const durationSchema = (options: { readonly zero: boolean }) =>
  Schema.transformOrFail(
    Schema.declare((u: unknown): u is DurationWithUnit => u !== undefined, { identifier: "DurationWithUnit" }),
    Schema.DurationFromSelf,
    {
      strict: true,
      decode: (input: unknown, _, ast) => {
        const fail = (message: string) => ParseResult.fail(new ParseResult.Type(ast, input, message))
        if (typeof input === "number") {
          return fail(`${input} has no unit: write "${input} seconds" or "${input} millis"`)
        }
        const decoded = Duration.decodeUnknown(input)
        if (Option.isNone(decoded)) {
          return fail(
            `not a duration: ${JSON.stringify(input) ?? String(input)}; write "10 seconds" or Duration.seconds(10)`
          )
        }
        const millis = Duration.toMillis(decoded.value)
        // Duration itself turns a negative input into zero.
        const negative = typeof input === "string" ? input.startsWith("-") : typeof input === "bigint" && input < 0n
        if (negative || (millis === 0 && !options.zero)) {
          return fail(
            `must be ${options.zero ? "zero or more" : "more than zero"}; for no limit write Duration.infinity`
          )
        }
        if (millis !== Infinity && millis > longestTimer) {
          return fail("longer than a timer can run (24.8 days); for no limit write Duration.infinity")
        }
        return ParseResult.succeed(decoded.value)
      },
      encode: (duration) => ParseResult.succeed(duration)
    }
  )

const PositiveDuration = durationSchema({ zero: false })
const NonNegativeDuration = durationSchema({ zero: true })
const KeepAlive = Schema.Union(Schema.Literal(false), PositiveDuration)

const PositiveCount = Schema.Number.pipe(
  Schema.filter((n) => Number.isInteger(n) && n >= 1 ? undefined : `must be a whole number of at least 1, got ${n}`)
)
const NonNegativeCount = Schema.Number.pipe(
  Schema.filter((n) => Number.isInteger(n) && n >= 0 ? undefined : `must be a whole number of at least 0, got ${n}`)
)

const Secret = Schema.transform(
  Schema.Union(Schema.String, Schema.RedactedFromSelf(Schema.String)),
  Schema.RedactedFromSelf(Schema.String),
  {
    strict: true,
    decode: (secret) => typeof secret === "string" ? Redacted.make(secret) : secret,
    encode: (secret) => secret
  }
)

/**
 * An HTTP or HTTPS proxy. All requests are tunnelled through it with CONNECT.
 *
 * @since 0.1.0
 * @category models
 */
export class ProxyConfig extends Schema.Class<ProxyConfig>("effect-http-pool/ProxyConfig")({
  /** `http://host:port` or `https://host:port`. Credentials in it are moved to `username` and `password`. */
  url: Schema.String,
  username: Schema.optional(Schema.String),
  password: Schema.optional(Secret),
  /**
   * Hosts to reach directly: `example.com` (and its subdomains), `10.0.0.1`, `10.0.0.0/8`, `[fd00::]/8`, each with a port
   * where only that is meant (`host:8080`), or `*`.
   */
  noProxy: Schema.optional(Schema.Array(Schema.String))
}) {}

const Proxy = Schema.transformOrFail(
  Schema.Union(Schema.String, ProxyConfig),
  Schema.Union(Schema.Literal("environment"), Schema.typeSchema(ProxyConfig)),
  {
    strict: true,
    decode: (input, _, ast): Either.Either<"environment" | ProxyConfig, ParseResult.ParseIssue> => {
      if (input === "environment") return Either.right(input)
      const url = typeof input === "string" ? input : input.url
      const parsed = proxyFromUrl(url)
      if (parsed === undefined) {
        // The URL may hold a password, so it is not repeated.
        return Either.left(
          new ParseResult.Type(ast, "<proxy>", "write \"environment\", or a URL such as http://proxy.example.com:3128")
        )
      }
      return Either.right(new ProxyConfig(typeof input === "string" ? parsed : { ...input, ...parsed }))
    },
    encode: (proxy) => ParseResult.succeed(proxy)
  }
)

const Pem = Schema.Union(Schema.String, Schema.Array(Schema.String))

/**
 * TLS beyond the defaults of Node: a certificate authority of your own, a client certificate.
 *
 * @since 0.1.0
 * @category models
 */
export class TlsConfig extends Schema.Class<TlsConfig>("effect-http-pool/TlsConfig")({
  /** The certificate authorities to trust, as PEM, in place of Node's. */
  ca: Schema.optional(Pem),
  /** The client certificate (chain), as PEM. */
  cert: Schema.optional(Schema.String),
  /** The client certificate's private key, as PEM. */
  key: Schema.optional(Secret),
  /** What the private key is encrypted with. */
  passphrase: Schema.optional(Secret),
  /** The name to ask for and to verify, where it differs from the host of the URL. */
  servername: Schema.optional(Schema.String),
  /**
   * Accepts any certificate, and with it anybody between you and the service, who can then read your key. A pool made
   * with it logs a warning.
   */
  dangerouslyAcceptAnyCertificate: Schema.optional(Schema.Boolean)
}) {}

const fields = {
  /** DNS, TCP and TLS of a new connection, and a WebSocket's handshake. Default: 120 seconds. */
  connectTimeout: PositiveDuration,
  /** The longest silence while a response is awaited or read. Default: 300 seconds. */
  readTimeout: PositiveDuration,
  /** The longest stall while a request is written to a peer that stops reading. Default: 60 seconds. */
  writeTimeout: PositiveDuration,
  /** How long an unused connection is kept. Default: 300 seconds. */
  connectionIdleTimeout: PositiveDuration,
  /** The most connections open at once, over all hosts, connecting and closing ones included. Default: 32. */
  connectionPoolSize: PositiveCount,
  /** The most requests in flight at once, over all hosts. Default: `connectionPoolSize`. */
  maximumAsyncRequests: PositiveCount,
  /** The most requests in flight at once to one host. Default: `maximumAsyncRequests`. */
  maximumAsyncRequestsPerHost: PositiveCount,
  /** The longest wait for a permit and a connection. Default: none. */
  acquireTimeout: Schema.optional(PositiveDuration),
  /** How many requests may wait; one more fails at once with `PoolExhausted`. Default: no limit. */
  maximumPendingRequests: Schema.optional(NonNegativeCount),
  /** A connection is replaced after this time, less up to 10 % of jitter, never during a request. Default: none. */
  connectionMaxLifetime: Schema.optional(PositiveDuration),
  /** Initial delay of TCP keep-alive probes; `false` turns them off. Default: 15 seconds. */
  tcpKeepAlive: KeepAlive,
  /** How long closing the pool's scope waits for requests in flight before it aborts them. Default: 5 seconds. */
  shutdownTimeout: NonNegativeDuration,
  /**
   * Whether a request that dies on a reused connection, before any byte of a response, is sent once more on a fresh
   * one. Default: true.
   */
  resendOnStaleConnection: Schema.Boolean,
  /**
   * Logs a warning when a permit is held for longer, with who took it, and once more when it comes back. Default: none.
   */
  leakDetectionThreshold: Schema.optional(PositiveDuration),
  /** A proxy, or `"environment"` to follow `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Default: none. */
  proxy: Schema.optional(Proxy),
  /** Certificate authorities, client certificate. Default: Node's. */
  tls: Schema.optional(TlsConfig)
}

/**
 * A complete, checked set of knobs. Made by {@link make} or {@link decode}.
 *
 * @since 0.1.0
 * @category models
 */
export class ConnectionConfig extends Schema.Class<ConnectionConfig>("effect-http-pool/ConnectionConfig")(fields) {}

const orDefault = <A, I>(schema: Schema.Schema<A, I>, value: () => A) =>
  Schema.optionalWith(schema, { exact: true, default: value })

// Exact: an optional that also takes `undefined` would repeat the value, a proxy's password say, in its error message.
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const Settings = Schema.Struct({
  connectTimeout: orDefault(PositiveDuration, () => Duration.seconds(120)),
  readTimeout: orDefault(PositiveDuration, () => Duration.seconds(300)),
  writeTimeout: orDefault(PositiveDuration, () => Duration.seconds(60)),
  connectionIdleTimeout: orDefault(PositiveDuration, () => Duration.seconds(300)),
  connectionPoolSize: orDefault(PositiveCount, () => 32),
  maximumAsyncRequests: optional(PositiveCount),
  maximumAsyncRequestsPerHost: optional(PositiveCount),
  acquireTimeout: optional(PositiveDuration),
  maximumPendingRequests: optional(NonNegativeCount),
  connectionMaxLifetime: optional(PositiveDuration),
  tcpKeepAlive: orDefault(KeepAlive, () => Duration.seconds(15)),
  shutdownTimeout: orDefault(NonNegativeDuration, () => Duration.seconds(5)),
  resendOnStaleConnection: orDefault(Schema.Boolean, () => true),
  leakDetectionThreshold: optional(PositiveDuration),
  proxy: optional(Proxy),
  tls: optional(TlsConfig.pipe(Schema.filter((tls) => Either.getOrUndefined(Either.flip(secureContext(tls))))))
}).annotations({ identifier: "ConnectionConfig" })

type Encoded = Schema.Schema.Encoded<typeof Settings>

/**
 * What a proxy is given as, where a URL does not say all.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProxyInput {
  /** `http://host:port` or `https://host:port`. Credentials in it are moved to `username` and `password`. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | Redacted.Redacted | undefined
  /**
   * Hosts to reach directly: `example.com` (and its subdomains), `10.0.0.1`, `10.0.0.0/8`, `[fd00::]/8`, each with a port
   * where only that is meant (`host:8080`), or `*`.
   */
  readonly noProxy?: ReadonlyArray<string> | undefined
}

/**
 * What TLS beyond the defaults of Node is given as.
 *
 * @since 0.1.0
 * @category models
 */
export interface TlsInput {
  /** The certificate authorities to trust, as PEM, in place of Node's. */
  readonly ca?: string | ReadonlyArray<string> | undefined
  /** The client certificate (chain), as PEM. */
  readonly cert?: string | undefined
  /** The client certificate's private key, as PEM. */
  readonly key?: string | Redacted.Redacted | undefined
  /** What the private key is encrypted with. */
  readonly passphrase?: string | Redacted.Redacted | undefined
  /** The name to ask for and to verify, where it differs from the host of the URL. */
  readonly servername?: string | undefined
  /**
   * Accepts any certificate, and with it anybody between you and the service, who can then read your key. A pool made
   * with it logs a warning.
   */
  readonly dangerouslyAcceptAnyCertificate?: boolean | undefined
}

/**
 * What {@link make} takes: any of the knobs, durations with their unit.
 *
 * @since 0.1.0
 * @category models
 */
export interface Input {
  /** DNS, TCP and TLS of a new connection, and a WebSocket's handshake. Default: 120 seconds. */
  readonly connectTimeout?: DurationWithUnit | undefined
  /** The longest silence while a response is awaited or read. Default: 300 seconds. */
  readonly readTimeout?: DurationWithUnit | undefined
  /** The longest stall while a request is written to a peer that stops reading. Default: 60 seconds. */
  readonly writeTimeout?: DurationWithUnit | undefined
  /** How long an unused connection is kept. Default: 300 seconds. */
  readonly connectionIdleTimeout?: DurationWithUnit | undefined
  /** The most connections open at once, over all hosts, connecting and closing ones included. Default: 32. */
  readonly connectionPoolSize?: number | undefined
  /** The most requests in flight at once, over all hosts. Default: `connectionPoolSize`. */
  readonly maximumAsyncRequests?: number | undefined
  /** The most requests in flight at once to one host. Default: `maximumAsyncRequests`. */
  readonly maximumAsyncRequestsPerHost?: number | undefined
  /** The longest wait for a permit and a connection. Default: none. */
  readonly acquireTimeout?: DurationWithUnit | undefined
  /** How many requests may wait; one more fails at once with `PoolExhausted`. Default: no limit. */
  readonly maximumPendingRequests?: number | undefined
  /** A connection is replaced after this time, less up to 10 % of jitter, never during a request. Default: none. */
  readonly connectionMaxLifetime?: DurationWithUnit | undefined
  /** Initial delay of TCP keep-alive probes; `false` turns them off. Default: 15 seconds. */
  readonly tcpKeepAlive?: DurationWithUnit | false | undefined
  /** How long closing the pool's scope waits for requests in flight before it aborts them. Default: 5 seconds. */
  readonly shutdownTimeout?: DurationWithUnit | undefined
  /**
   * Whether a request that dies on a reused connection, before any byte of a response, is sent once more on a fresh
   * one. Default: true.
   */
  readonly resendOnStaleConnection?: boolean | undefined
  /**
   * Logs a warning when a permit is held for longer, with who took it, and once more when it comes back. Default: none.
   */
  readonly leakDetectionThreshold?: DurationWithUnit | undefined
  /** A proxy, or `"environment"` to follow `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Default: none. */
  readonly proxy?: string | ProxyInput | undefined
  /** Certificate authorities, client certificate. Default: Node's. */
  readonly tls?: TlsInput | undefined
}

/** The same as the schema has it, for a test of types: written out, the knobs keep what is said of them. @internal */
export type SchemaInput = { readonly [Knob in keyof Encoded]?: Encoded[Knob] | undefined }

const knobs = Object.keys(Settings.fields)

/** Each knob that does not exist, with the one that was probably meant. */
const unknownKnobs = (input: object): ReadonlyArray<ParseResult.ParseIssue> =>
  Object.keys(input).filter((name) => !knobs.includes(name)).map((name) =>
    new ParseResult.Pointer(
      name,
      undefined,
      new ParseResult.Type(
        Schema.Never.ast,
        undefined,
        `there is no such knob${didYouMean(name, knobs) || `; there are ${knobs.join(", ")}`}`
      )
    )
  )

const decodeSettings = ParseResult.decodeUnknownEither(Settings, { onExcessProperty: "error", errors: "all" })

const violation = (lower: string, lowerValue: number, upper: string, upperValue: number, isDefault: boolean) =>
  lowerValue <= upperValue ? undefined : new ParseResult.Type(
    Settings.ast,
    { [lower]: lowerValue, [upper]: upperValue },
    `${lower} (${lowerValue}) must not be more than ${upper} (${upperValue}${isDefault ? ", its default" : ""}); ` +
      `raise ${upper} too`
  )

const definedOf = (input: object): object => Record.filter({ ...input }, Predicate.isNotUndefined)

const isGiven = (input: unknown, knob: string): boolean =>
  Predicate.hasProperty(input, knob) && input[knob] !== undefined

const decodeKnown = (input: unknown): Either.Either<typeof Settings.Type, ParseResult.ParseIssue> => {
  if (!Predicate.isRecord(input)) return decodeSettings(input)
  const unknown = unknownKnobs(input)
  const decoded = decodeSettings(Record.filter(definedOf(input), (_, name) => knobs.includes(name)))
  if (unknown.length === 0) return decoded
  // All that is wrong is said at once.
  const [first, ...rest] = unknown
  const others = Either.isLeft(decoded) ? [...rest, decoded.left] : rest
  return Either.left(new ParseResult.Composite(Settings.ast, undefined, [first!, ...others]))
}

const parse = (input: unknown): Either.Either<ConnectionConfig, ParseResult.ParseIssue> =>
  Either.flatMap(decodeKnown(input), (settings) => {
    const { connectionPoolSize } = settings
    // Only what was not set follows the knob above it: a value set out of order is an error, not a hint.
    const maximumAsyncRequests = settings.maximumAsyncRequests ?? connectionPoolSize
    const maximumAsyncRequestsPerHost = settings.maximumAsyncRequestsPerHost ?? maximumAsyncRequests
    const issue = violation(
      "maximumAsyncRequests",
      maximumAsyncRequests,
      "connectionPoolSize",
      connectionPoolSize,
      !isGiven(input, "connectionPoolSize")
    ) ?? violation(
      "maximumAsyncRequestsPerHost",
      maximumAsyncRequestsPerHost,
      "maximumAsyncRequests",
      maximumAsyncRequests,
      settings.maximumAsyncRequests === undefined
    )
    return issue === undefined
      ? Either.right(new ConnectionConfig({ ...settings, maximumAsyncRequests, maximumAsyncRequestsPerHost }))
      : Either.left(issue)
  })

/**
 * Checks the knobs and fills in the defaults.
 *
 * Throws a `ParseError` that names the knob and what is wrong with it; {@link decode} gives the same as an Effect.
 *
 * @example
 * import { ConnectionConfig } from "effect-http-pool"
 *
 * const config = ConnectionConfig.make({ connectTimeout: "10 seconds", connectionPoolSize: 256 })
 * // config.maximumAsyncRequests === 256
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (input: Input = {}): ConnectionConfig =>
  Either.getOrThrowWith(parse(input), (issue) => ParseResult.parseError(issue))

/**
 * The same as {@link make} for input of any origin, as an Either.
 *
 * @since 0.1.0
 * @category constructors
 */
export const decodeEither = (input: unknown): Either.Either<ConnectionConfig, ParseResult.ParseError> =>
  Either.mapLeft(parse(input), (issue) => ParseResult.parseError(issue))

/**
 * The same as {@link make} for input of any origin, as an Effect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const decode = (input: unknown): Effect.Effect<ConnectionConfig, ParseResult.ParseError> =>
  Effect.suspend(() => Either.match(decodeEither(input), { onLeft: Effect.fail, onRight: Effect.succeed }))
