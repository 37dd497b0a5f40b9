/** The store: the server while it answers, and what a process does without it. */
import type * as RateLimitStore from "effect-dashscope/RateLimitStore"
import type * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Commands from "./commands.js"
import * as Local from "./local.js"
import type { Script } from "./script.js"
import * as Words from "./words.js"

/** @internal */
export interface Settings {
  readonly prefix: string
  readonly commandTimeout: Duration.Duration
  readonly onStoreFailure: "local" | "open" | "closed"
  readonly instances: number
}

/** Who is told what happens. @internal */
export interface Observer {
  readonly failed: (failure: Commands.Failure) => Effect.Effect<void>
  /** Once, when the process begins to do without the server. */
  readonly apart: (failure: Commands.Failure, instances: number) => Effect.Effect<void>
  readonly shared: Effect.Effect<void>
}

/** How often a process says that it is alive, and for how long that holds. */
const sayEveryMillis = 5000
const aliveMillis = 15_000

/** A book that was seen longer ago may have been forgotten by the server: it is kept for twice as long, and is full by then. */
const bookKnownMillis = 24 * 3_600_000

/** The pauses between the questions whether the server answers again. */
const firstPause = 100
const longestPause = 500

/** What a process knows of a namespace. */
interface Known {
  readonly book: string
  readonly seenAt: number
  readonly instances: number
  readonly saidAt: number
}

interface Outage {
  readonly failure: Commands.Failure
  readonly local: Local.Local
  /** What was asked for meanwhile. */
  readonly namespaces: Set<string>
}

const granted: RateLimitStore.Answer = { _tag: "Granted" }

/** By a clock that nobody sets. */
const nowOf = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)

/** What a reservation was charged that came to this, or may still be charged for. */
const chargedBy = (asked: RateLimitStore.Reservation, answer: RateLimitStore.Answer): RateLimitStore.Adjustment => {
  const isTaken = answer._tag === "Granted" || (answer._tag === "Wait" && answer.ticket !== asked.ticket)
  const paid = isTaken ? asked.buckets.map(({ cost }) => cost) : asked.ticket?.paid ?? []
  return { ...asked, buckets: asked.buckets.map((bucket, i) => ({ ...bucket, cost: paid[i] ?? 0 })) }
}

const givenBack = (charged: RateLimitStore.Adjustment): RateLimitStore.Adjustment => ({
  ...charged,
  buckets: charged.buckets.map((bucket) => ({ ...bucket, cost: -bucket.cost }))
})

/** The background work ends with the scope. @internal */
export const make = (
  client: Commands.Client,
  script: Script,
  settings: Settings,
  observer: Observer,
  scope: Scope.Scope
): Effect.Effect<RateLimitStore.Service> =>
  Effect.map(Effect.makeLatch(true), (gate) => {
    const instance = globalThis.crypto.randomUUID()
    const known = new Map<string, Known>()
    let outage: Outage | undefined
    let outages = 0

    const asking = (namespace: string, now: number, says = false): Words.Asking => {
      const seen = known.get(namespace)
      const isFresh = seen !== undefined && now - seen.seenAt < bookKnownMillis
      return { prefix: settings.prefix, book: isFresh ? seen.book : "", instance: says ? instance : "", aliveMillis }
    }

    const saw = (namespace: string, book: string, now: number, instances = 0) => {
      const before = known.get(namespace)
      known.set(namespace, {
        book,
        seenAt: now,
        instances: instances > 0 ? instances : before?.instances ?? settings.instances,
        saidAt: instances > 0 ? now : before?.saidAt ?? -Infinity
      })
    }

    const shareOf = (namespace: string): Local.Share => {
      const seen = known.get(namespace)
      return { instances: seen?.instances ?? settings.instances, beginsEmpty: seen !== undefined }
    }

    const run = (command: Words.Command, onLate: (reply: unknown) => void) =>
      Effect.tapError(
        Commands.run(client, script, command, settings.commandTimeout, onLate),
        observer.failed
      )

    /** What is not to be waited for, and may fail: what is lost so flows in again. */
    const forget = (command: Words.Command) => {
      Commands.send(client, script, command).catch(() => {})
    }

    const reserveShared = (asked: RateLimitStore.Reservation): Effect.Effect<RateLimitStore.Answer, Commands.Failure> =>
      Effect.clockWith((clock) => {
        const now = nowOf(clock)
        const { namespace } = asked
        const says = now - (known.get(namespace)?.saidAt ?? -Infinity) >= sayEveryMillis
        const onLate = (reply: unknown) => {
          const late = Words.reserved(reply, asked)
          if (late !== undefined) {
            forget(Words.adjust(asking(namespace, now), givenBack(chargedBy(asked, late.answer))))
          }
        }
        return Effect.flatMap(run(Words.reserve(asking(namespace, now, says), asked), onLate), (reply) => {
          const reserved = Words.reserved(reply, asked)
          if (reserved === undefined) {
            return Effect.zipRight(observer.failed(Commands.malformed), Effect.fail(Commands.malformed))
          }
          saw(namespace, reserved.book, nowOf(clock), reserved.instances)
          return Effect.succeed(reserved.answer)
        })
      })

    /** Asks the server for what has no answer but that it is done. */
    const tell = (namespace: string, words: (asking: Words.Asking) => Words.Command) =>
      Effect.clockWith((clock) =>
        Effect.flatMap(run(words(asking(namespace, nowOf(clock))), () => {}), (reply) =>
          Effect.sync(() => {
            const book = Words.bookOf(reply)
            if (book !== undefined) saw(namespace, book, nowOf(clock))
          }))
      )

    const reserveApart = (
      { failure, local }: Outage,
      asked: RateLimitStore.Reservation
    ): Effect.Effect<RateLimitStore.Answer, RateLimitStore.RateLimitStoreError> => {
      switch (settings.onStoreFailure) {
        case "local":
          return local.reserve(asked)
        case "open":
          return Effect.succeed(granted)
        case "closed":
          return Effect.fail(failure.error)
      }
    }

    /** Tells the server what this process used without it, and is with the others again. */
    const comeBack = ({ local, namespaces }: Outage): Effect.Effect<void, Commands.Failure> =>
      Effect.gen(function*() {
        const missing = new Map((yield* local.missing).map((each) => [each.namespace, each]))
        for (const namespace of namespaces) {
          const used = missing.get(namespace) ?? { namespace, buckets: [], slots: [], id: "" }
          yield* tell(namespace, (asking) => Words.adjust(asking, used))
        }
        outage = undefined
        yield* observer.shared
      })

    const waitFor = (begun: Outage, pause: number): Effect.Effect<void> =>
      Effect.sleep(pause).pipe(
        Effect.zipRight(Effect.suspend(() => {
          if (!client.isReady()) return Effect.succeed(false)
          const attempt = Effect.zipRight(gate.close, Effect.isSuccess(comeBack(begun)))
          return Effect.uninterruptible(Effect.ensuring(attempt, gate.open))
        })),
        Effect.flatMap((isBack) => isBack ? Effect.void : waitFor(begun, Math.min(2 * pause, longestPause)))
      )

    const begin = (failure: Commands.Failure, namespace: string): Effect.Effect<Outage> =>
      Effect.suspend(() => {
        if (outage !== undefined) return Effect.succeed(outage)
        return Effect.flatMap(Local.make(`local:${instance}:${outages++}`, shareOf), (local) => {
          const begun: Outage = { failure, local, namespaces: new Set([namespace]) }
          outage = begun
          return observer.apart(failure, shareOf(namespace).instances).pipe(
            Effect.zipRight(Effect.forkIn(Effect.interruptible(waitFor(begun, firstPause)), scope)),
            Effect.as(begun)
          )
        })
      })

    /** By the server, or without it. */
    const either = <A, E>(
      namespace: string,
      shared: Effect.Effect<A, Commands.Failure>,
      apart: (outage: Outage) => Effect.Effect<A, E>
    ): Effect.Effect<A, E> =>
      // What was taken must not get lost on the way back.
      Effect.uninterruptible(gate.whenOpen(Effect.suspend(() => {
        if (outage === undefined) {
          return Effect.catchAll(shared, (failure) => Effect.flatMap(begin(failure, namespace), apart))
        }
        outage.namespaces.add(namespace)
        return apart(outage)
      })))

    const locally = (use: (local: Local.Local) => Effect.Effect<void>) => ({ local }: Outage) =>
      settings.onStoreFailure === "local" ? use(local) : Effect.void

    return {
      reserve: (asked) => either(asked.namespace, reserveShared(asked), (outage) => reserveApart(outage, asked)),
      adjust: (asked) =>
        either(
          asked.namespace,
          tell(asked.namespace, (asking) => Words.adjust(asking, asked)),
          locally((local) => local.adjust(asked))
        ),
      pause: (asked) =>
        either(
          asked.namespace,
          tell(asked.namespace, (asking) => Words.pause(asking, asked)),
          locally((local) => local.pause(asked))
        ),
      renew: (asked) =>
        either(
          asked.namespace,
          tell(asked.namespace, (asking) => Words.renew(asking, asked)),
          locally((local) => local.renew(asked))
        )
    }
  })
