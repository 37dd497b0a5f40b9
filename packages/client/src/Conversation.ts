/**
 * A conversation over many turns: its history, kept within a budget.
 *
 * @example
 * import { Conversation, Generation } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const program = Effect.gen(function*() {
 *   const conversation = yield* Conversation.make({ system: "Answer in one sentence.", maxTokens: 8000 })
 *   const ask = (question: string) =>
 *     conversation.send(question, (messages) => Generation.call({ model: "qwen-plus", messages })).pipe(
 *       Effect.map(Generation.text)
 *     )
 *   yield* ask("Who wrote Dream of the Red Chamber?")
 *   return yield* ask("When did he live?")
 * })
 *
 * Source: "Multi-round conversations"; the official SDKs' `ConversationParam` and `MessageManager` are its like.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import { type GenerationResult, toolCalls } from "./GenerationResult.js"
import { answered } from "./internal/chat/history.js"
import * as HistoryTrim from "./internal/chat/historyTrim.js"
import * as Reply from "./internal/chat/reply.js"
import * as TokenEstimate from "./internal/chat/tokenEstimate.js"
import * as Message from "./Message.js"

/**
 * The most that a history may hold. When it holds more, the oldest goes:
 *
 * - System messages stay, and so does the last message of the user.
 * - First go whole turns: a message of the user with all that follows up to the next. When only the last turn is left,
 *   its steps go: an assistant's message, with the answers of the tools that it called.
 * - An answer of a tool never comes first, since the service would refuse it.
 *
 * What has to stay may still be over the budget.
 *
 * @since 0.1.0
 * @category models
 */
export interface Budget {
  /** Default: no limit. */
  readonly maxMessages?: number | undefined
  /** By the estimate. Leave room for the answer, and for the definitions of tools. Default: no limit. */
  readonly maxTokens?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends Budget {
  /** Goes in front, and stays. */
  readonly system?: Message.Content | undefined
  /** An earlier history, to go on from. */
  readonly messages?: ReadonlyArray<Message.Message> | undefined
  /** How many tokens a message takes. Default: {@link estimateTokens}. */
  readonly estimate?: ((message: Message.Message) => number) | undefined
  /**
   * Whether estimates are scaled by what the service counted last, which takes the definitions of tools and the model's
   * own tokenizer into account. They are at most halved and at most quadrupled. Default: false.
   */
  readonly calibrate?: boolean | undefined
  /** Whether the chain of thought is kept; see `preserveThinking`. Default: false. */
  readonly keepReasoning?: boolean | undefined
}

/**
 * What a turn comes to: an answer, or what `Generation.runTools` or `Generation.callObject` gives. Of a run with tools,
 * its calls and their answers are kept too.
 *
 * @since 0.1.0
 * @category models
 */
export type Answer = GenerationResult | {
  readonly result: GenerationResult
  readonly messages?: ReadonlyArray<Message.Message> | undefined
}

/**
 * What the user says: text, a message, or several (the answers of tools, say).
 *
 * @since 0.1.0
 * @category models
 */
export type Input = string | Message.Message | ReadonlyArray<Message.Message>

/**
 * A history that grows. Each change is atomic.
 *
 * @since 0.1.0
 * @category models
 */
export interface Conversation {
  /** What was said so far, the oldest first. */
  readonly messages: Effect.Effect<ReadonlyArray<Message.Message>>
  /**
   * Adds what was said, and drops what is over the budget. An answer becomes the assistant's message, with its tool
   * calls; one that says nothing is left out, since the service refuses empty messages.
   */
  readonly append: (said: Input | GenerationResult) => Effect.Effect<void>
  /** Drops what is over this budget, once. */
  readonly trim: (budget: Budget) => Effect.Effect<void>
  /** Forgets all but the system messages. */
  readonly clear: Effect.Effect<void>
  /**
   * One turn: hands over the history with `input` at its end, cut to the budget, and adds both `input` and the answer
   * when there is one. Tool calls that nobody has answered are handed over with the answer that they were not carried
   * out, since the service refuses a history without any. A turn that fails or is interrupted leaves the history as it was.
   *
   * Turns take place one after another, in the order in which they were begun; do not begin one within another. `append`
   * does not wait for them.
   */
  readonly send: <A extends Answer, E, R>(
    input: Input,
    ask: (messages: ReadonlyArray<Message.Message>) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
  /**
   * The same for a stream: the turn lasts as long as the stream, and is added when it has come to its end. `fold` makes
   * the answer of all elements, or gives nothing where there is none to keep; the turn is then left out.
   */
  readonly sendStream: <A, E, R>(
    input: Input,
    ask: (messages: ReadonlyArray<Message.Message>) => Stream.Stream<A, E, R>,
    fold: (elements: ReadonlyArray<A>) => Answer | undefined
  ) => Stream.Stream<A, E, R>
}

/**
 * About how many tokens a message takes, rather too many than too few: one for three and a half Latin letters, three for
 * four Chinese characters, one for any other character, 1000 for an image or a document.
 *
 * @since 0.1.0
 * @category accessors
 */
export const estimateTokens: (message: Message.Message) => number = TokenEstimate.estimate

interface State {
  readonly messages: ReadonlyArray<Message.Message>
  /** The tokens that the service counts for one of the estimate. */
  readonly scale: number
}

const toMessages = (input: Input): ReadonlyArray<Message.Message> =>
  typeof input === "string" ? [Message.user(input)] : "role" in input ? [input] : input

const isResult = (said: Input | GenerationResult): said is GenerationResult =>
  typeof said === "object" && "output" in said

type Element<S> = S extends Stream.Stream<infer A, infer _E, infer _R> ? A : never

/**
 * Makes a conversation.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Conversation> =>
  Effect.gen(function*() {
    const estimate = options.estimate ?? estimateTokens
    const calibrate = options.calibrate ?? false
    const reasoning = options.keepReasoning ?? false

    const within = (
      messages: ReadonlyArray<Message.Message>,
      scale: number,
      { maxMessages = Infinity, maxTokens = Infinity }: Budget = options
    ) => HistoryTrim.trim(messages, { messages: maxMessages, tokens: maxTokens / scale, tokensOf: estimate })

    const state = yield* Ref.make<State>({
      scale: 1,
      messages: within(
        [...options.system === undefined ? [] : [Message.system(options.system)], ...options.messages ?? []],
        1
      )
    })
    const turns = yield* Effect.makeSemaphore(1)

    const scaled = (scale: number, sent: ReadonlyArray<Message.Message>, { usage }: GenerationResult): number => {
      const counted = usage?.inputTokens ?? 0
      if (!calibrate || counted <= 0) return scale
      const estimated = sent.reduce((sum, message) => sum + estimate(message), 0)
      return estimated > 0 ? Math.min(4, Math.max(0.5, counted / estimated)) : scale
    }

    const toAnswer = (result: GenerationResult): ReadonlyArray<Message.Message> => {
      const message = Reply.toMessage(result, { calls: toolCalls(result), reasoning })
      return message === undefined ? [] : [message]
    }

    const add = (messages: ReadonlyArray<Message.Message>, scale: number): State => ({
      scale,
      messages: within(messages, scale)
    })

    const append: Conversation["append"] = (said) =>
      Ref.update(state, ({ messages, scale }) =>
        isResult(said) ?
          add([...messages, ...toAnswer(said)], scaled(scale, messages, said)) :
          add([...messages, ...toMessages(said)], scale))

    /** What a turn sends. */
    const opening = (input: ReadonlyArray<Message.Message>) =>
      Effect.map(Ref.get(state), ({ messages, scale }) => answered(within([...messages, ...input], scale)))

    /** What a run with tools said after what it was sent. */
    const runOf = (
      messages: ReadonlyArray<Message.Message>,
      sent: ReadonlyArray<Message.Message>
    ): ReadonlyArray<Message.Message> | undefined => {
      const last = sent.at(-1)
      const at = last === undefined ? -1 : messages.lastIndexOf(last)
      return at < 0 ? undefined : messages.slice(at + 1)
    }

    const close = (
      input: ReadonlyArray<Message.Message>,
      sent: ReadonlyArray<Message.Message>,
      answer: Answer
    ): Effect.Effect<void> => {
      const run = "output" in answer ? undefined : answer.messages
      const result = "output" in answer ? answer : answer.result
      const said = (run === undefined ? undefined : runOf(run, sent)) ?? toAnswer(result)
      // To what the history is by now, which `append` may have added to meanwhile.
      return Ref.update(state, ({ messages, scale }) =>
        add([...messages, ...input, ...said], scaled(scale, run?.slice(0, -1) ?? sent, result)))
    }

    const send: Conversation["send"] = (said, ask) =>
      turns.withPermits(1)(Effect.uninterruptibleMask((restore) => {
        const input = toMessages(said)
        return Effect.flatMap(opening(input), (sent) =>
          Effect.tap(
            restore(Effect.suspend(() =>
              ask(sent)
            )),
            (answer) => close(input, sent, answer)
          ))
      }))

    /** Its place in the queue is given up at once when the stream is. */
    const turn = Effect.uninterruptibleMask((restore) =>
      Effect.zipRight(restore(turns.take(1)), Effect.addFinalizer(() => turns.release(1)))
    )

    const sendStream: Conversation["sendStream"] = (said, ask, fold) =>
      Stream.unwrapScoped(Effect.gen(function*() {
        yield* turn
        const input = toMessages(said)
        const sent = yield* opening(input)
        const seen: Array<Element<ReturnType<typeof ask>>> = []
        const elements = Stream.mapChunks(ask(sent), (chunk) => {
          for (const element of chunk) seen.push(element)
          return chunk
        })
        const closing = Effect.suspend(() => {
          const answer = fold(seen)
          return answer === undefined ? Effect.void : close(input, sent, answer)
        })
        return Stream.concat(elements, Stream.execute(closing))
      }))

    return {
      messages: Effect.map(Ref.get(state), ({ messages }) => messages),
      append,
      trim: (budget) =>
        Ref.update(state, ({ messages, scale }) => ({ scale, messages: within(messages, scale, budget) })),
      clear: Ref.update(state, ({ messages, scale }) => ({
        scale,
        messages: messages.filter(({ role }) => role === "system")
      })),
      send,
      sendStream
    }
  })
