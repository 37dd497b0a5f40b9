import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Generation from "../../src/Generation.js"
import type { Total } from "../../src/internal/chat/toolLoop.js"

export interface Call {
  readonly id?: string
  readonly name: string
  readonly arguments: string
}

type Usage = readonly [input: number, output: number]

const usageOf = (usage: Usage | undefined) =>
  usage === undefined ?
    undefined :
    { usage: { inputTokens: usage[0], outputTokens: usage[1], totalTokens: usage[0] + usage[1] } }

/** An answer of text. */
export const says = (content: string, options: {
  readonly usage?: Usage
  readonly finishReason?: string
  readonly reasoning?: string
} = {}): Generation.GenerationResult => ({
  output: {
    choices: [{
      finishReason: options.finishReason ?? "stop",
      message: {
        role: "assistant",
        content,
        ...(options.reasoning === undefined ? undefined : { reasoningContent: options.reasoning })
      }
    }]
  },
  ...usageOf(options.usage),
  requestId: "r-1"
})

/** An answer that asks for tools, with the finish reason that older models give. */
export const asksFor = (calls: ReadonlyArray<Call>, options: {
  readonly usage?: Usage
  readonly finishReason?: string
  readonly content?: string
  readonly reasoning?: string
} = {}): Generation.GenerationResult => ({
  output: {
    choices: [{
      finishReason: options.finishReason ?? "tool_calls",
      message: {
        role: "assistant",
        content: options.content ?? "",
        ...(options.reasoning === undefined ? undefined : { reasoningContent: options.reasoning }),
        toolCalls: calls.map((call, index) => ({
          index,
          id: call.id ?? `call_${index}`,
          type: "function",
          function: { name: call.name, arguments: call.arguments }
        }))
      }
    }]
  },
  ...usageOf(options.usage)
})

/** A `Generation.call` that gives one answer after another, and remembers what it was asked. */
export const scripted = (...answers: ReadonlyArray<Generation.GenerationResult>) => {
  const asked: Array<Generation.GenerationParams> = []
  const options: Array<unknown> = []
  const call = (params: Generation.GenerationParams, given?: unknown) =>
    Effect.suspend(() => {
      const answer = answers[asked.length]
      asked.push(params)
      options.push(given)
      return answer === undefined ? Effect.dieMessage("the script has no more answers") : Effect.succeed(answer)
    })
  return { call, asked, options, nth: (i: number) => Arr.unsafeGet(asked, i) }
}

/** Increments put together: their texts joined, and all else as the last has it. */
export const total = (): Total => {
  let last: Generation.GenerationResult | undefined
  let content = ""
  return {
    get isEmpty() {
      return last === undefined
    },
    add: (increment) => {
      last = increment
      content += Generation.text(increment)
    },
    get: () => {
      if (last === undefined) throw new Error("nothing was added")
      const [choice] = last.output.choices
      return { ...last, output: { choices: [{ ...choice, message: { ...choice.message, content } }] } }
    }
  }
}
