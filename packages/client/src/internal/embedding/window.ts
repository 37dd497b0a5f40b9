/**
 * Calls of many fibers that share a request, where they come within a short time of each other.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type { DashScopeError } from "../../DashScopeError.js"

/** Asks for as many texts at once, and gives for each its own, in order. @internal */
export type Ask<A> = (texts: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<A>, DashScopeError>

type Waiter<A> = Deferred.Deferred<A, DashScopeError>

/** The service judges a request as a whole: what is wrong may be one text of it. */
const isOfOneText = (error: DashScopeError): boolean =>
  error._tag === "ApiError" && (error.reason === "InvalidRequest" || error.reason === "ContentFiltered")

/** The texts of one request, while they come together and until they are answered. @internal */
export class Window<A> {
  private readonly waiters = new Map<string, Set<Waiter<A>>>()
  private readonly full = Deferred.unsafeMake<void>(FiberId.none)
  private fiber: Fiber.RuntimeFiber<void> | undefined

  constructor(
    private readonly most: number,
    private readonly wait: Duration.DurationInput,
    private readonly ask: Ask<A>,
    /** No more texts. */
    private readonly close: (window: Window<A>) => void
  ) {}

  /**
   * Adds a text, and waits for what the service says of it. The first to come starts the fiber that all wait for; when
   * the last one has been interrupted, so is that.
   */
  join(text: string): Effect.Effect<A, DashScopeError> {
    return Effect.uninterruptibleMask((restore) => {
      const waiter = Deferred.unsafeMake<A, DashScopeError>(FiberId.none)
      const waiting = this.waiters.get(text)
      if (waiting === undefined) this.waiters.set(text, new Set([waiter]))
      else waiting.add(waiter)
      if (this.waiters.size >= this.most) {
        this.close(this)
        Deferred.unsafeDone(this.full, Effect.void)
      }
      const answer = Effect.onInterrupt(restore(Deferred.await(waiter)), () => this.leave(text, waiter))
      return this.fiber !== undefined ? answer : Effect.flatMap(
        Effect.forkDaemon(Effect.interruptible(this.run)),
        (fiber) => {
          this.fiber = fiber
          return answer
        }
      )
    })
  }

  private leave(text: string, waiter: Waiter<A>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const waiting = this.waiters.get(text)
      waiting?.delete(waiter)
      if (waiting?.size === 0) this.waiters.delete(text)
      if (this.waiters.size > 0 || this.fiber === undefined) return Effect.void
      this.close(this)
      return Effect.asVoid(Fiber.interrupt(this.fiber))
    })
  }

  private readonly run: Effect.Effect<void> = Effect.suspend(() =>
    Deferred.await(this.full).pipe(
      Effect.timeoutOption(this.wait),
      Effect.flatMap(() =>
        Effect.suspend(() => {
          this.close(this)
          return this.answer([...this.waiters.keys()])
        })
      ),
      // Nobody waits for ever, also where this fails.
      Effect.onExit((exit) => {
        if (Exit.isFailure(exit)) {
          for (const text of this.waiters.keys()) this.done(text, Exit.failCause(exit.cause))
        }
        return Effect.void
      })
    )
  )

  private answer(texts: ReadonlyArray<string>): Effect.Effect<void> {
    return texts.length === 0 ? Effect.void : Effect.flatMap(Effect.exit(this.ask(texts)), (exit) => {
      if (Exit.isSuccess(exit)) {
        for (const [i, text] of texts.entries()) {
          const answer = exit.value[i]
          if (answer !== undefined) this.done(text, Exit.succeed(answer))
        }
        return Effect.void
      }
      const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
      if (texts.length > 1 && failure !== undefined && isOfOneText(failure)) {
        return Effect.forEach(texts, (text) => this.answer([text]), { concurrency: 2, discard: true })
      }
      for (const text of texts) this.done(text, Exit.failCause(exit.cause))
      return Effect.void
    })
  }

  private done(text: string, exit: Exit.Exit<A, DashScopeError>): void {
    for (const waiter of this.waiters.get(text) ?? []) Deferred.unsafeDone(waiter, exit)
  }
}

const isSame = (a: object | undefined, b: object | undefined): boolean => {
  const [left, right] = [Object.entries(a ?? {}), new Map(Object.entries(b ?? {}))]
  return left.length === right.size && left.every(([name, value]) => Object.is(right.get(name), value))
}

interface Open<A> {
  readonly key: string
  readonly options: object | undefined
  readonly window: Window<A>
}

/** The windows that are open, of one service. @internal */
export class Windows<A> {
  private readonly open: Array<Open<A>> = []

  /** The open window for requests that differ in their texts alone, or a new one. */
  of(key: string, options: object | undefined, make: (close: (window: Window<A>) => void) => Window<A>): Window<A> {
    const known = this.open.find((one) => one.key === key && isSame(one.options, options))
    if (known !== undefined) return known.window
    const window = make((closed) => {
      const at = this.open.findIndex((one) => one.window === closed)
      if (at >= 0) this.open.splice(at, 1)
    })
    this.open.push({ key, options, window })
    return window
  }
}
