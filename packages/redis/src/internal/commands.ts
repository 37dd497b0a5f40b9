/** Runs the script on the server, in time or not at all. */
import * as RateLimitStore from "effect-dashscope/RateLimitStore"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Script } from "./script.js"
import type { Command } from "./words.js"

/** What a client of Redis can. @internal */
export interface Client {
  readonly isReady: () => boolean
  readonly eval: (script: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
  readonly evalSha: (sha: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
}

/** Why a command was not carried out. @internal */
export type Reason = "not_ready" | "timeout" | "refused"

/** @internal */
export interface Failure {
  readonly reason: Reason
  readonly error: RateLimitStore.RateLimitStoreError
}

/** What a server or client says may be long, and may name an address with its password. */
const describe = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  return text.replaceAll(/\/\/[^/\s]*@/g, "//").slice(0, 200)
}

const failure = (reason: Reason, description: string): Failure => ({
  reason,
  error: new RateLimitStore.RateLimitStoreError({ description })
})

/** @internal */
export const malformed: Failure = failure("refused", "its answer cannot be understood")

/** By its hash; by its text where the server does not know it (yet, or after `SCRIPT FLUSH`). @internal */
export const send = async (client: Client, script: Script, { args, keys }: Command): Promise<unknown> => {
  try {
    return await client.evalSha(script.sha, keys, args)
  } catch (error) {
    if (!/\bNOSCRIPT\b/.test(String(error))) throw error
    return client.eval(script.text, keys, args)
  }
}

/**
 * What the server answers. What comes after its time, or after an interruption, `onLate` is told: by then the caller has gone on.
 *
 * @internal
 */
export const run = (
  client: Client,
  script: Script,
  command: Command,
  timeout: Duration.Duration,
  onLate: (reply: unknown) => void
): Effect.Effect<unknown, Failure> =>
  Effect.suspend(() => {
    if (!client.isReady()) return Effect.fail(failure("not_ready", "it is not connected"))
    const answer = Effect.async<unknown, Failure>((resume) => {
      let isLate = false
      send(client, script, command).then(
        (reply) => isLate ? onLate(reply) : resume(Effect.succeed(reply)),
        (cause: unknown) => resume(Effect.fail(failure("refused", describe(cause))))
      )
      return Effect.sync(() => {
        isLate = true
      })
    })
    return Effect.timeoutFail(Effect.interruptible(answer), {
      duration: timeout,
      onTimeout: () => failure("timeout", `it did not answer within ${Duration.format(timeout)}`)
    })
  })
