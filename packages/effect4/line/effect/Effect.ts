/** What Effect 3's Effect has and Effect 4's does not, with the signatures of Effect 3. */
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { dual, type LazyArg } from "effect/Function"
import * as Random from "effect/Random"

export const dieMessage = (message: string): Effect.Effect<never> => Effect.die(new Error(message))

export const orElse: {
  <A2, E2, R2>(
    that: LazyArg<Effect.Effect<A2, E2, R2>>
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, E2, R | R2>
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    that: LazyArg<Effect.Effect<A2, E2, R2>>
  ): Effect.Effect<A | A2, E2, R | R2>
} = dual(2, <A, E, R, A2, E2, R2>(
  self: Effect.Effect<A, E, R>,
  that: LazyArg<Effect.Effect<A2, E2, R2>>
): Effect.Effect<A | A2, E2, R | R2> => Effect.catch(self, that))

interface TimeoutFail<E> {
  readonly duration: Duration.Input
  readonly onTimeout: LazyArg<E>
}

export const timeoutFail: {
  <E1>(options: TimeoutFail<E1>): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E1, R>
  <A, E, R, E1>(self: Effect.Effect<A, E, R>, options: TimeoutFail<E1>): Effect.Effect<A, E | E1, R>
} = dual(2, <A, E, R, E1>(
  self: Effect.Effect<A, E, R>,
  { duration, onTimeout }: TimeoutFail<E1>
): Effect.Effect<A, E | E1, R> =>
  Effect.timeoutOrElse(self, { duration, orElse: () => Effect.failSync(onTimeout) }))

export const repeatN: {
  (times: number): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, times: number): Effect.Effect<A, E, R>
} = dual(2, <A, E, R>(self: Effect.Effect<A, E, R>, times: number) => Effect.repeat(self, { times }))

/** What runs with another of the services that every program has. */
const withReference = <S>(reference: Context.Reference<S>): {
  (value: S): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, value: S): Effect.Effect<A, E, R>
} => dual(2, <A, E, R>(self: Effect.Effect<A, E, R>, value: S) => Effect.provideService(self, reference, value))

export const withClock = withReference(Clock.Clock)

export const configProviderWith = <A, E, R>(
  f: (provider: ConfigProvider.ConfigProvider) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.flatMap(ConfigProvider.ConfigProvider, f)

export const withConfigProvider = withReference(ConfigProvider.ConfigProvider)

export const withRandom = withReference(Random.Random)

/** An interruption does not wait for it. */
export const disconnect = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(restore(self)), (fiber) =>
      Effect.onInterrupt(restore(Fiber.join(fiber)), () => Effect.sync(() => fiber.interruptUnsafe())))
  )

export const orDieWith = <A, E, R>(self: Effect.Effect<A, E, R>, f: (error: E) => unknown): Effect.Effect<A, never, R> =>
  Effect.orDie(Effect.mapError(self, f))

export const zipLeft: {
  <A2, E2, R2>(
    that: Effect.Effect<A2, E2, R2>
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E2, R | R2>
  <A, E, R, A2, E2, R2>(self: Effect.Effect<A, E, R>, that: Effect.Effect<A2, E2, R2>): Effect.Effect<A, E | E2, R | R2>
} = dual(2, <A, E, R, A2, E2, R2>(
  self: Effect.Effect<A, E, R>,
  that: Effect.Effect<A2, E2, R2>
): Effect.Effect<A, E | E2, R | R2> => Effect.tap(self, () => that))

export const iterate = <A, E, R>(
  initial: A,
  { body, while: goesOn }: { readonly while: (state: A) => boolean; readonly body: (state: A) => Effect.Effect<A, E, R> }
): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    let state = initial
    while (goesOn(state)) state = yield* body(state)
    return state
  })

export const tapBoth = <A, E, R, E2, R2, E3, R3>(
  self: Effect.Effect<A, E, R>,
  options: {
    readonly onFailure: (error: E) => Effect.Effect<unknown, E2, R2>
    readonly onSuccess: (value: A) => Effect.Effect<unknown, E3, R3>
  }
): Effect.Effect<A, E | E2 | E3, R | R2 | R3> =>
  Effect.tap(Effect.tapError(self, options.onFailure), options.onSuccess)

/** A fiber of Effect 4 knows it, and tells nobody by its type. */
export const checkInterruptible = <A, E, R>(
  f: (isInterruptible: boolean) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => f("interruptible" in fiber && fiber.interruptible === true))
