import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { InputRequired } from "../../DashScopeError.js"
import type { Fields } from "../../DuplexTaskState.js"
import type { SpeechInput } from "../../SpeechEvent.js"
import { isRecord } from "../core/record.js"
import * as Text from "./text.js"

/** So many characters a message may have. @internal */
export const mostOfMessage = 20_000

/** And a task. @internal */
export const mostOfTask = 200_000

/** What is to be sent: the input of one message. @internal */
export interface Item {
  readonly input: Fields
  /** In characters, as the service counts them. */
  readonly weight: number
}

const flushes: Item = { input: { flush: true }, weight: 0 }

/** @internal */
export const isFlush = (item: Item): boolean => item === flushes

/** @internal */
export const itemOf = (text: string): Item => ({ input: { text }, weight: Text.weigh(text) })

/** @internal */
export const wrongInput = (): InputRequired =>
  new InputRequired({ field: "texts", description: "every element must be a text, or SpeechSynthesizer.flush" })

/** @internal */
export const tooLong = (characters: number, most: number): InputRequired =>
  new InputRequired({
    field: "texts",
    description:
      `${characters} characters are more than the ${most} that one task of this kind can speak: speak the rest in another`
  })

/** Callers without types may give anything. @internal */
export const isFlushing = (input: unknown): boolean => isRecord(input) && input["_tag"] === "Flush"

/**
 * Texts that have come and are not sent yet. They are taken as they come, also while a connection is waited for: where they
 * come over a connection of the same pool, that connection is free again as soon as they have ended. What is kept is no
 * more than a task may have.
 *
 * @internal
 */
export class Inbox<E> {
  private kept = 0

  constructor(private readonly mailbox: Mailbox.Mailbox<Item, E | InputRequired>) {}

  put(items: ReadonlyArray<Item>): Effect.Effect<void, InputRequired> {
    return Effect.suspend(() => {
      for (const { weight } of items) this.kept += weight
      if (this.kept > mostOfTask) return Effect.fail(tooLong(this.kept, mostOfTask))
      return this.mailbox.offerAll(items)
    })
  }

  end(cause?: Cause.Cause<E | InputRequired>): Effect.Effect<unknown> {
    return cause === undefined ? this.mailbox.end : this.mailbox.failCause(cause)
  }

  /** What has come, without waiting for more. */
  get here(): Effect.Effect<ReadonlyArray<Item>, E | InputRequired> {
    return Effect.map(this.mailbox.clear, this.taken)
  }

  /** The same, at least one; nothing where nothing follows. */
  get more(): Effect.Effect<ReadonlyArray<Item>, E | InputRequired> {
    return Effect.map(this.mailbox.takeAll, ([items]) => this.taken(items))
  }

  private readonly taken = (items: Chunk.Chunk<Item>): ReadonlyArray<Item> => {
    for (const { weight } of items) this.kept -= weight
    return Chunk.toReadonlyArray(items)
  }
}

/** Takes texts in, as long as the scope. With `whole`, sentences stay together. @internal */
export const fill = <E, R>(
  texts: Stream.Stream<SpeechInput, E, R>,
  whole: boolean
): Effect.Effect<Inbox<E>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const inbox = new Inbox<E>(yield* Mailbox.make<Item, E | InputRequired>())
    const pieces = new Text.Pieces(mostOfMessage, whole)
    const take = (input: SpeechInput): Effect.Effect<void, InputRequired> => {
      if (typeof input === "string") return inbox.put(pieces.add(input).map(itemOf))
      return isFlushing(input) ? inbox.put([...pieces.end().map(itemOf), flushes]) : Effect.fail(wrongInput())
    }
    const all = Stream.runForEach(texts, take).pipe(
      Effect.zipRight(Effect.suspend(() => inbox.put(pieces.end().map(itemOf))))
    )
    yield* Effect.forkScoped(
      Effect.matchCauseEffect(all, { onFailure: (cause) => inbox.end(cause), onSuccess: () => inbox.end() })
    )
    return inbox
  })
