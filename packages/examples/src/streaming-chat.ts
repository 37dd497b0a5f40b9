/**
 * A chat in the terminal: answers as they are written, the thinking dimmed, the history kept.
 *
 * Ctrl-C stops an answer: its connection is closed at once, its turn left out of the history, and the chat goes on.
 * Ctrl-C at the prompt ends it, as "/quit" does. Where standard input is no terminal, each of its lines is a question;
 * where it is empty, the program asks a few of its own.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { ConnectionPool, Conversation, DashScope, Generation } from "effect-dashscope"
import * as Questions from "./internal/questions.js"
import * as Service from "./internal/service.js"

const write = (text: string) => Effect.sync(() => process.stdout.write(text))

const isTerminal = process.stdout.isTTY
const [dim, normal] = isTerminal ? ["\u001b[2m", "\u001b[0m"] : ["(thinking) ", ""]

/** Writes each increment of an answer as it comes. */
const show = (answer: ReturnType<typeof Generation.stream>) =>
  Stream.suspend(() => {
    let thinking = false
    return Stream.tap(answer, (result) => {
      const [thought, said] = [Generation.reasoning(result), Generation.text(result)]
      const from = thinking
      thinking = thought !== "" || (thinking && said === "")
      return write(
        (!from && thinking ? dim : "") + thought + (from && !thinking ? `${normal}\n` : "") + said
      )
    })
  })

const stopped = Effect.zipRight(write(`${normal}\n`), Console.log("(stopped)"))

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)
  const questions = yield* Questions.make(["你是谁？", "What is 17 * 23?"])
  if (questions.interactive) yield* Console.log("Ctrl-C stops an answer. Ctrl-C here, or /quit, ends the chat.")

  // The oldest turns go when the history would be longer than this.
  const conversation = yield* Conversation.make({ system: "Answer in a few sentences.", maxTokens: 8000 })

  const ask = (question: string) =>
    conversation.send(question, (messages) =>
      Generation.stream(
        { model: "qwen-plus", messages, enableThinking: true },
        { firstContentTimeout: "1 minute", contentTimeout: "30 seconds" }
      ).pipe(show, Generation.collect)).pipe(
        Effect.flatMap(({ usage }) =>
          Console.log(`${normal}\n[${usage?.inputTokens ?? "?"} tokens in, ${usage?.outputTokens ?? "?"} out]`)
        ),
        // An answer that fails is not the end of the chat.
        Effect.catchAll((error) =>
          Effect.zipRight(
            Console.log(`${normal}\n${error.message}`),
            Effect.sync(() => {
              if (!questions.interactive) process.exitCode = 1
            })
          )
        ),
        // The one that comes first interrupts the other.
        Effect.raceFirst(Effect.zipRight(questions.stopped, stopped))
      )

  yield* questions.stream.pipe(
    Stream.filter((question) => question.trim() !== ""),
    Stream.takeWhile((question) => question.trim() !== "/quit"),
    Stream.runForEach(ask)
  )

  yield* Console.log(`Kept:  ${(yield* conversation.messages).length} messages`)
  yield* Console.log(`Pool:  ${(yield* ConnectionPool.stats).toString()}`)
}).pipe(Effect.scoped)

program.pipe(
  Effect.provide(DashScope.layer()),
  // At about the speed of a model.
  Effect.provide(Service.layer({ behavior: { stream: { eventInterval: 25 } } })),
  NodeRuntime.runMain
)
