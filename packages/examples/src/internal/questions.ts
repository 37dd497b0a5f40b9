/**
 * What a chat is asked: by a person at a terminal, by lines that are piped in, or, where nothing is, by itself.
 */
import { NodeStream } from "@effect/platform-node"
import { Effect, Option, Queue, Stream } from "effect"
import type { Scope } from "effect"
import { createInterface } from "node:readline"
import { Writable } from "node:stream"

export interface Questions {
  /** One at a time, as they are pulled. Ends at the end of the input, and with Ctrl-C at the prompt. */
  readonly stream: Stream.Stream<string>
  /** Succeeds when Ctrl-C is pressed while a question is being answered. */
  readonly stopped: Effect.Effect<void>
  readonly interactive: boolean
}

const prompt = "you> "

interface Line {
  readonly text: string
  /** False where it was typed ahead, while an answer was on the screen. */
  readonly shown: boolean
}

/**
 * In readline's raw mode Ctrl-C is a key and no signal. So it can mean one thing at the prompt and another during an
 * answer, and `NodeRuntime.runMain`, which ends the program at a signal, does not see it.
 */
const fromTerminal: Effect.Effect<Questions, never, Scope.Scope> = Effect.gen(function*() {
  const lines = yield* Queue.unbounded<Option.Option<Line>>()
  const interrupts = yield* Queue.sliding<void>(1)
  let asking = false
  // What is typed during an answer is shown at the next prompt, not in the midst of the answer.
  const screen = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      if (asking) process.stdout.write(chunk)
      // At once, so that nothing of the prompt is still to be written when it is over.
      done()
    }
  })
  // For lines that are longer than the terminal is wide.
  Object.defineProperty(screen, "columns", { get: () => process.stdout.columns })

  const terminal = yield* Effect.acquireRelease(
    Effect.sync(() =>
      createInterface({ input: process.stdin, output: screen, terminal: true, prompt })
        .on("line", (text) => Queue.unsafeOffer(lines, Option.some({ text, shown: asking })))
        .on("SIGINT", () => Queue.unsafeOffer(interrupts, undefined))
        // Ctrl-D.
        .on("close", () => Queue.unsafeOffer(lines, Option.none()))
    ),
    (terminal) => Effect.sync(() => terminal.close())
  )

  const quit = Effect.as(Queue.take(interrupts), Option.none<Line>())
  const ask = Effect.gen(function*() {
    yield* Queue.takeAll(interrupts)
    asking = true
    terminal.prompt(true)
    const line = yield* Effect.raceFirst(Queue.take(lines), quit)
    asking = false
    if (Option.isNone(line)) {
      process.stdout.write("\n")
      return line
    }
    if (!line.value.shown) process.stdout.write(`${line.value.text}\n`)
    return line
  })

  const stream = Stream.repeatEffect(ask).pipe(Stream.takeWhile(Option.isSome), Stream.map(({ value }) => value.text))
  return { stream, stopped: Queue.take(interrupts), interactive: true }
})

/** Shows each question, as if it had been typed. */
const shown = <E, R>(questions: Stream.Stream<string, E, R>) =>
  Stream.tap(questions, (question) => Effect.sync(() => process.stdout.write(`${prompt}${question}\n`)))

const fromLines = (instead: ReadonlyArray<string>): Questions => ({
  stream: NodeStream.stdin.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    // Standard input that cannot be read has no more lines.
    Stream.catchAll(() => Stream.empty),
    // The writer may go on when nobody listens any more.
    Stream.ensuring(Effect.sync(() => process.stdin.destroy())),
    Stream.filter((line) => line.trim() !== ""),
    Stream.orElseIfEmptyStream(() => Stream.fromIterable(instead)),
    // Otherwise all lines that came at once would be shown before the first is answered.
    Stream.rechunk(1),
    shown
  ),
  stopped: Effect.never,
  interactive: false
})

/** Questions from standard input; where that is empty and no terminal, those given here. */
export const make = (instead: ReadonlyArray<string>): Effect.Effect<Questions, never, Scope.Scope> =>
  Effect.suspend(() => process.stdin.isTTY ? fromTerminal : Effect.succeed(fromLines(instead)))
