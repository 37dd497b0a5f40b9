/**
 * Vitest with the tests of Effect 3's `@effect/vitest`: `scoped` and `scopedLive`, which are `effect` and `live` in Effect 4, and
 * `prop` over fast-check, where Effect 4 takes arbitraries of its own alone.
 */
import { type API, it as it4, type TestContext, type TestOptions, type Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as TestConsole from "effect/testing/TestConsole"
import * as FastCheck from "fast-check"

export * from "@effect/vitest"

type Arbitraries = ReadonlyArray<FastCheck.Arbitrary<unknown>>

type Values<A extends Arbitraries> = {
  readonly [K in keyof A]: A[K] extends FastCheck.Arbitrary<infer T> ? T : never
}

type Options<A extends Arbitraries> = number | TestOptions & { readonly fastCheck?: FastCheck.Parameters<[Values<A>]> }

/** A property of values: it does not hold where `self` throws, fails or answers `false`. */
type Property<Result> = <const A extends Arbitraries>(
  name: string,
  arbitraries: A,
  self: (values: Values<A>, context: TestContext) => Result,
  options?: Options<A>
) => void

const parts = <A extends Arbitraries>(options: Options<A> | undefined) => {
  if (typeof options !== "object") return { test: options === undefined ? {} : { timeout: options }, fastCheck: {} }
  const { fastCheck = {}, ...test } = options
  return { test, fastCheck }
}

const all = <A extends Arbitraries>(arbitraries: A) =>
  FastCheck.tuple(...arbitraries) as FastCheck.Arbitrary<unknown> as FastCheck.Arbitrary<Values<A>>

const prop: Property<unknown> = (name, arbitraries, self, options) => {
  const { fastCheck, test } = parts(options)
  it4(name, test, (context) => {
    FastCheck.assert(FastCheck.property(all(arbitraries), (values) => self(values, context) as boolean | void), fastCheck)
  })
}

const services = Layer.mergeAll(TestConsole.layer, TestClock.layer())

const effectProp: Property<Effect.Effect<unknown, unknown, Scope.Scope>> = (name, arbitraries, self, options) => {
  const { fastCheck, test } = parts(options)
  it4(name, test, (context) =>
    FastCheck.assert(
      FastCheck.asyncProperty(all(arbitraries), (values) =>
        Effect.suspend(() => self(values, context)).pipe(
          Effect.scoped,
          Effect.provide(services),
          Effect.map((held) => held !== false),
          Effect.runPromise
        )),
      fastCheck
    ))
}

type Tester = Vitest.Tester<Scope.Scope>

interface Tests {
  readonly effect: Omit<Tester, "prop"> & Vitest.Test<Scope.Scope> & { readonly prop: typeof effectProp }
  readonly scoped: Tester
  readonly scopedLive: Tester
  readonly prop: typeof prop
}

const effect: Vitest.Test<Scope.Scope> = (name, self, options) => it4.effect(name, self, options)

const tests: Tests = {
  effect: Object.assign(effect, it4.effect, { prop: effectProp }),
  scoped: it4.effect,
  scopedLive: it4.live,
  prop
}

export const it = new Proxy<object>(it4, {
  get: (target, name, receiver): unknown => Reflect.get(Object.hasOwn(tests, name) ? tests : target, name, receiver)
}) as API & Pick<Vitest.Methods, "flakyTest" | "layer" | "live"> & Tests
