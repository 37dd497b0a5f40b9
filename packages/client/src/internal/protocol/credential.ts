import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as DashScopeError from "../../DashScopeError.js"
import { fromEither } from "../effect/either.js"
import { reasonOf } from "../effect/platform.js"
import { keyProblem } from "./header.js"

/** @internal */
export type KeyInput = string | Redacted.Redacted

/** A key that may be sent, and the value of the header that sends it. @internal */
export interface Key {
  readonly secret: string
  readonly authorization: string
  /** Keys of the environment and of files may be replaced while the program runs. */
  readonly isLookedUp: boolean
}

/** @internal */
export interface Credential {
  /** The key of a call without one of its own. */
  readonly current: Effect.Effect<Key, DashScopeError.NoApiKey | DashScopeError.InputRequired>
  /** The same, where it is at hand and may be sent. */
  readonly known: () => Key | undefined
  /** The key that a call brings; where that is empty, the places of {@link current} are searched. */
  readonly ofCall: (
    apiKey: KeyInput
  ) => Effect.Effect<Key, DashScopeError.NoApiKey | DashScopeError.InputRequired>
  /** Whether the key of a call is at hand, and need not be looked for in a file that may take its time. */
  readonly isReady: (apiKey: KeyInput | undefined) => boolean
  /** Forgets a looked-up key that the service refused, so that the next call looks again. */
  readonly forget: (key: Key) => void
}

/** Redacted at the border: from here on no option holds a key that can be printed. */
const redact = (input: KeyInput | undefined): Redacted.Redacted | undefined =>
  typeof input === "string" ? Redacted.make(input) : input

const reveal = (redacted: Redacted.Redacted): string => {
  try {
    return Redacted.value(redacted)
  } catch {
    // Wiped by its owner.
    return ""
  }
}

const isBlank = (s: string) => s.trim() === ""

/** Refuses what HTTP would not carry as it is, without a word of the key. */
const check = (
  secret: string,
  place: string,
  isLookedUp: boolean
): Either.Either<Key, DashScopeError.InputRequired> => {
  const problem = keyProblem(secret)
  return problem === undefined ?
    Either.right({ secret, authorization: `Bearer ${secret}`, isLookedUp }) :
    Either.left(new DashScopeError.InputRequired({ field: "apiKey", description: `${problem} (from ${place})` }))
}

/** Paths are named in errors; a key that was given for a path is not. */
const shown = (path: string): string => path.replace(/\bsk-[\w-]{8,}/g, "<redacted>")

/** A key, or why this place has none. */
type Found = Either.Either<Key, DashScopeError.InputRequired> | string

const fileProblem = (error: PlatformError.PlatformError): string =>
  reasonOf(error) === "NotFound" ?
    "does not exist" :
    `cannot be read: ${reasonOf(error) ?? "not a legal path"}`

/**
 * Looks for a key as the official SDKs do: the call's option, the layer's, the environment, the key file. The layer's
 * key is read once. The environment and the files are read when a call needs them, and again until a key is found.
 *
 * @internal
 */
export const make = (options: {
  readonly apiKey: KeyInput | undefined
  readonly apiKeyFile: string | undefined
}): Effect.Effect<Credential> =>
  Effect.gen(function*() {
    const provider = yield* Effect.configProviderWith(Effect.succeed)
    const fileSystem = yield* Effect.serviceOption(FileSystem.FileSystem)

    const variable = (name: string): Effect.Effect<Option.Option<string>, string> =>
      Effect.suspend(() => Effect.withConfigProvider(Config.option(Config.string(name)), provider)).pipe(
        Effect.map(Option.filter((value) => !isBlank(value))),
        Effect.mapError(() => "unreadable"),
        // Deno throws where a program was not given the variable.
        Effect.catchAllDefect(() => Effect.fail(`may not be read; in Deno, run with --allow-env=${name}`))
      )

    const layerKey = redact(options.apiKey)
    const layerSecret = layerKey === undefined ? undefined : reveal(layerKey)
    const fromLayer: Found = layerSecret === undefined ?
      "the layer's apiKey (not given)" :
      isBlank(layerSecret) ?
      "the layer's apiKey (empty)" :
      check(layerSecret, "the layer's apiKey", false)

    const fromEnvironment: Effect.Effect<Found> = variable("DASHSCOPE_API_KEY").pipe(
      Effect.match({
        onFailure: (problem) => `DASHSCOPE_API_KEY (${problem})`,
        onSuccess: Option.match({
          onNone: () => "DASHSCOPE_API_KEY (not set, or empty)",
          onSome: (secret) => check(secret, "DASHSCOPE_API_KEY", true)
        })
      })
    )

    const fromFile = (path: string, name: string): Effect.Effect<Found> =>
      Option.match(fileSystem, {
        onNone: () => Effect.succeed(`${name} (not read: no FileSystem was provided)`),
        onSome: (fs) =>
          fs.readFileString(path).pipe(
            Effect.match({
              onFailure: (error) => `${name} (${fileProblem(error)})`,
              onSuccess: (content) => {
                const secret = (/^\ufeff?(.*)/.exec(content)?.[1] ?? "").trim()
                return secret === "" ? `${name} (its first line is empty)` : check(secret, name, true)
              }
            })
          )
      })

    const fromNamedFile: Effect.Effect<Found> = Effect.gen(function*() {
      if (options.apiKeyFile !== undefined && !isBlank(options.apiKeyFile)) {
        return yield* fromFile(options.apiKeyFile, `the file ${shown(options.apiKeyFile)} (apiKeyFile)`)
      }
      const path = yield* variable("DASHSCOPE_API_KEY_FILE_PATH").pipe(
        Effect.orElseSucceed(() => Option.none<string>())
      )
      return Option.isNone(path) ?
        "the key file (neither apiKeyFile nor DASHSCOPE_API_KEY_FILE_PATH is set)" :
        yield* fromFile(path.value, `the file ${shown(path.value)} (DASHSCOPE_API_KEY_FILE_PATH)`)
    })

    const fromHome: Effect.Effect<Found> = Effect.gen(function*() {
      for (const name of ["HOME", "USERPROFILE"]) {
        const home = yield* variable(name).pipe(Effect.orElseSucceed(() => Option.none<string>()))
        if (Option.isSome(home)) {
          const path = `${home.value.replace(/[/\\]+$/, "")}/.dashscope/api_key`
          return yield* fromFile(path, `the file ${path}`)
        }
      }
      return "~/.dashscope/api_key (neither HOME nor USERPROFILE is set)"
    })

    let lookedUp: Key | undefined

    const search = (first: string) =>
      Effect.gen(function*() {
        const lookedIn = [first]
        for (const place of [Effect.succeed(fromLayer), fromEnvironment, fromNamedFile, fromHome]) {
          const found = yield* place
          if (typeof found !== "string") {
            const key = yield* fromEither(found)
            if (key.isLookedUp) lookedUp = key
            return key
          }
          lookedIn.push(found)
        }
        return yield* new DashScopeError.NoApiKey({ lookedIn })
      })

    // A layer's key cannot change, so neither can what becomes of it.
    const layerOnly = typeof fromLayer === "string" ? undefined : fromEither(fromLayer)

    const lookUp = (first: string) =>
      Effect.suspend((): Credential["current"] =>
        layerOnly ?? (lookedUp === undefined ? search(first) : Effect.succeed(lookedUp))
      )

    return {
      current: lookUp("the call's apiKey (not given)"),
      known: () => typeof fromLayer === "string" ? lookedUp : Either.getOrUndefined(fromLayer),
      ofCall: (input) =>
        Effect.suspend(() => {
          const redacted = redact(input)
          const secret = redacted === undefined ? "" : reveal(redacted)
          return isBlank(secret)
            ? lookUp("the call's apiKey (empty)")
            : fromEither(check(secret, "the call's apiKey", false))
        }),
      isReady: (input) => {
        const redacted = redact(input)
        return layerOnly !== undefined || lookedUp !== undefined ||
          (redacted !== undefined && !isBlank(reveal(redacted)))
      },
      forget: (key) => {
        if (lookedUp === key) lookedUp = undefined
      }
    }
  })
