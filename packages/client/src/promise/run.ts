/**
 * Effects as Promises and Streams as async iterables, with an `AbortSignal`, and with the errors themselves.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { InputRequired } from "../DashScopeError.js"
import type * as Types from "./types.js"

/** What a Promise is rejected with: the error itself; of what was aborted, the signal's reason. */
const reasonOf = (cause: Cause.Cause<unknown>, signal: AbortSignal | undefined): unknown => {
  const failure = Cause.failureOrCause(cause)
  if (Either.isLeft(failure)) return failure.left
  return Cause.isInterruptedOnly(failure.right) && signal?.aborted === true ? signal.reason : Cause.squash(cause)
}

/** Interrupts a fiber when the signal says so, until it ends. */
const interruptedBy = (fiber: Fiber.RuntimeFiber<unknown, unknown>, signal: AbortSignal | undefined): void => {
  if (signal === undefined) return
  const interrupt = () => fiber.unsafeInterruptAsFork(FiberId.none)
  if (signal.aborted) return interrupt()
  signal.addEventListener("abort", interrupt, { once: true })
  fiber.addObserver(() => signal.removeEventListener("abort", interrupt))
}

/** @internal */
export const promise = <A, R>(
  runtime: Runtime.Runtime<R>,
  effect: Effect.Effect<A, unknown, R>,
  signal?: AbortSignal
): Promise<A> =>
  new Promise((resolve, reject) => {
    // Nothing is begun for a signal that is aborted already.
    const fiber = Runtime.runFork(runtime)(signal?.aborted === true ? Effect.interrupt : effect)
    interruptedBy(fiber, signal)
    fiber.addObserver((exit) => {
      if (Exit.isSuccess(exit)) resolve(exit.value)
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- The reason is what the program gave.
      else reject(reasonOf(exit.cause, signal))
    })
  })

interface Waiting<A> {
  readonly resolve: (result: IteratorResult<A, undefined>) => void
  readonly reject: (reason: unknown) => void
}

const done = { done: true, value: undefined } as const

/** One loop over a stream: a fiber that runs it from one `next` to the next, and no further. */
class Iteration<A, R> implements AsyncIterator<A, undefined> {
  private readonly waiting: Array<Waiting<A>> = []
  private fiber: Fiber.RuntimeFiber<void, unknown> | undefined
  /** Lets the stream go on from the element that it gave last. */
  private goOn: (() => void) | undefined
  private hasEnded = false
  /** An end that nobody was waiting for. */
  private failure: { readonly reason: unknown } | undefined

  constructor(
    private readonly runtime: Runtime.Runtime<R>,
    private readonly stream: Stream.Stream<A, unknown, R>,
    private readonly signal: AbortSignal | undefined
  ) {}

  next(): Promise<IteratorResult<A, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) {
        const { reason } = this.failure
        this.failure = undefined
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- As above.
        return reject(reason)
      }
      if (this.hasEnded) return resolve(done)
      this.waiting.push({ resolve, reject })
      if (this.fiber === undefined) this.start()
      else this.resume()
    })
  }

  /** The loop was left: the stream is interrupted, and has given back what it held when this is done. */
  async return(): Promise<IteratorResult<A, undefined>> {
    this.hasEnded = true
    this.failure = undefined
    if (this.fiber !== undefined) await Effect.runPromise(Fiber.interrupt(this.fiber))
    return done
  }

  private resume(): void {
    const { goOn } = this
    this.goOn = undefined
    goOn?.()
  }

  private start(): void {
    const run = Stream.runForEach(this.stream, (value) =>
      Effect.async<void>((resume) => {
        this.goOn = () => resume(Effect.void)
        this.waiting.shift()?.resolve({ done: false, value })
        if (this.waiting.length > 0) this.resume()
      }))
    const fiber = Runtime.runFork(this.runtime)(this.signal?.aborted === true ? Effect.interrupt : run)
    this.fiber = fiber
    interruptedBy(fiber, this.signal)
    fiber.addObserver((exit) => this.end(exit))
  }

  private end(exit: Exit.Exit<void, unknown>): void {
    const wasLeft = this.hasEnded
    this.hasEnded = true
    const waiting = this.waiting.splice(0)
    if (Exit.isFailure(exit) && !wasLeft) {
      const reason = reasonOf(exit.cause, this.signal)
      const first = waiting.shift()
      if (first === undefined) this.failure = { reason }
      else first.reject(reason)
    }
    for (const { resolve } of waiting) resolve(done)
  }
}

/** Each loop runs the stream anew. @internal */
export const iterable = <A, R>(
  runtime: Runtime.Runtime<R>,
  stream: Stream.Stream<A, unknown, R>,
  signal?: AbortSignal
): AsyncIterable<A> => ({
  [Symbol.asyncIterator]: () => new Iteration(runtime, stream, signal)
})

/**
 * A generator that waits for something ends only once that has come, such as the next sound of a microphone. Whoever leaves it
 * then does not wait for its end.
 */
const leavable = <A>(elements: AsyncIterable<A>): AsyncIterable<A> => ({
  [Symbol.asyncIterator]: () => {
    const iterator = elements[Symbol.asyncIterator]()
    let isWaiting = false
    return {
      next: async () => {
        isWaiting = true
        const result = await iterator.next()
        isWaiting = false
        return result
      },
      return: async () => {
        const ended = iterator.return?.()
        if (isWaiting) ended?.catch(() => {})
        else await ended
        return done
      }
    }
  }
})

/** What a program iterates over, as a Stream; what it throws is the Stream's error. @internal */
export const streamOf = <A>(elements: Iterable<A> | AsyncIterable<A>): Stream.Stream<A, unknown> =>
  // A text is one element, and none of its letters is.
  typeof elements === "string"
    ? Stream.make(elements)
    : Symbol.asyncIterator in elements
    ? Stream.fromAsyncIterable(leavable(elements), (error) => error)
    : Stream.fromIterable(elements)

// ---------------------------------------------------------------------------------------------------------------------
// functions of services
// ---------------------------------------------------------------------------------------------------------------------

/** An argument of a function, with nothing of Effect in it. */
type Plain<T> = T extends unknown ?
  "poll" extends keyof T ? Omit<T, "poll"> & { readonly poll?: Types.Duration | undefined }
  : T extends { readonly onProgress?: ((progress: infer P) => unknown) | undefined }
    ? "onProgress" extends keyof T
      ? Omit<T, "onProgress"> & { readonly onProgress?: ((progress: P) => Promise<void> | void) | undefined }
    : T
  : T :
  never

type PlainAll<Args> = { [K in keyof Args]: Plain<Args[K]> }

/** A function of a service, as programs without Effect call it. @internal */
export type Adapted<F> = F extends (...args: infer Args) => Effect.Effect<infer A, infer _E, infer _R>
  ? (...args: PlainAll<Args>) => Promise<A>
  : F extends (...args: infer Args) => Stream.Stream<infer A, infer _E, infer _R>
    ? (...args: PlainAll<Args>) => AsyncIterable<A>
  : never

/** @internal */
export type Accessor<R> = (...args: never) => Effect.Effect<unknown, unknown, R> | Stream.Stream<unknown, unknown, R>

type Options = Readonly<Record<string, unknown>>

type Listener = (progress: unknown) => unknown

const hasOwnForm = ["signal", "poll", "onProgress"]

const isOptions = (u: unknown): u is Options =>
  typeof u === "object" && u !== null && hasOwnForm.some((name) => Object.hasOwn(u, name))

const isSignal = (u: unknown): u is AbortSignal =>
  typeof u === "object" && u !== null && "aborted" in u && "addEventListener" in u

/** Options as the services take them, and what of them is for this side. @internal */
export interface Given<O> {
  readonly options: O
  readonly signal: AbortSignal | undefined
  readonly problem: InputRequired | undefined
}

const problemOf = ({ poll, signal }: Options): InputRequired | undefined =>
  signal !== undefined && !isSignal(signal)
    ? new InputRequired({ field: "signal", description: "must be an AbortSignal" })
    : poll !== undefined && (typeof poll === "number" || Option.isNone(Duration.decodeUnknown(poll)))
    ? new InputRequired({ field: "poll", description: "must be a duration with its unit, such as \"5 seconds\"" })
    : undefined

/**
 * Takes the signal out, and makes of the pause between questions and of the function that is told of progress what the
 * services take.
 *
 * @internal
 */
export const given = <O>(options: O): Given<O> => {
  if (!isOptions(options)) return { options, signal: undefined, problem: undefined }
  const problem = problemOf(options)
  const { onProgress, poll, signal, ...others } = options
  const own = {
    ...others,
    ...(poll === undefined || problem !== undefined ? undefined : { poll: Schedule.spaced(poll as Types.Duration) }),
    ...(typeof onProgress !== "function" ? undefined : {
      onProgress: (progress: unknown) => Effect.promise(async () => void await (onProgress as Listener)(progress))
    })
  }
  // All else is as it was.
  return { options: own as unknown as O, signal: isSignal(signal) ? signal : undefined, problem }
}

/** A function with options at its end, and a signal among them, that gives a stream. @internal */
export const streamed = <O extends object, A, R>(
  runtime: Runtime.Runtime<R>,
  options: (O & Types.Abortable) | undefined,
  make: (options: O | undefined) => Stream.Stream<A, unknown, R>
): AsyncIterable<A> => {
  const { options: own, problem, signal } = given<O | undefined>(options)
  return iterable(runtime, problem === undefined ? make(own) : Stream.fail(problem), signal)
}

/** The functions of a service as Promises and async iterables, by what each gives. @internal */
export const adapt = <R, F extends Readonly<Record<string, Accessor<R>>>>(
  runtime: Runtime.Runtime<R>,
  accessors: F
): { readonly [K in keyof F]: Adapted<F[K]> } => {
  const adapted = (accessor: Accessor<R>) => (...args: ReadonlyArray<unknown>): unknown => {
    const { options, problem, signal } = given(args.at(-1))
    const result = accessor(...[...args.slice(0, -1), options] as never)
    return Effect.isEffect(result)
      ? promise(runtime, problem === undefined ? result : Effect.fail(problem), signal)
      : iterable(runtime, problem === undefined ? result : Stream.fail(problem), signal)
  }
  // Each function has the arguments of its accessor, and its result is told apart above.
  return Object.fromEntries(
    Object.entries(accessors).map(([name, accessor]) => [name, adapted(accessor)])
  ) as { readonly [K in keyof F]: Adapted<F[K]> }
}
