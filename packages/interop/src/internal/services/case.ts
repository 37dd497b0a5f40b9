import type { CallOptions, DashScope } from "effect-dashscope"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

/**
 * Something as a program in another language reads it. An object with `$` is one of the SDK's own: an instance of that
 * class, made of the other fields.
 */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** What an SDK is asked. */
export interface Invocation {
  /**
   * A function of the SDK: below `dashscope` in Python, below a `Client` in Python 2, and in Java below
   * `com.alibaba.dashscope`.
   */
  readonly call: string
  /** By name in Python; in Java in their order. */
  readonly arguments: { readonly [name: string]: Json } | ReadonlyArray<Json>
  /** The service is an object that is made with the key first. Default: its functions are those of a class. */
  readonly made?: boolean
  /** What it is made with in Python, beside the key. */
  readonly with?: { readonly [name: string]: Json }
  /**
   * A file that the object hears piece by piece. In Python, where `call` is its class, between its `start` and `stop`, with a
   * callback; in Java by `sendAudioFrame` and a callback, or as the stream that `streamCall` takes.
   */
  readonly hears?: string
  /** Where this SDK has another form of the answer than most. */
  readonly gives?: ReadonlyArray<string>
}

type Services = Layer.Layer.Success<ReturnType<typeof DashScope.layer>>

/** The same request twice: as a user of this library writes it, and as a user of the official SDKs does. */
export interface ServiceCase {
  /** Goes into the key, so it has no spaces. */
  readonly name: string
  readonly stream?: boolean
  readonly ours: (options: CallOptions.CallOptions, folder: string) => Effect.Effect<unknown, unknown, Services>
  /** What the official SDKs have to find in the simulator's answer, as paths with dots. */
  readonly gives: ReadonlyArray<string>
  /** The module API of Python, in both versions. */
  readonly python?: Invocation
  /** The function of the asynchronous class that takes the same. */
  readonly pythonAsync?: string
  /** The client of Python 2; where only its function is named, it takes what `python` does. */
  readonly client?: string | Invocation
  /** Whether the asynchronous client of Python 2 has it too. Default: true. */
  readonly asyncClient?: boolean
  readonly java?: Invocation
  /** Whether Java has it with callbacks too. Default: false. */
  readonly callbacks?: boolean
}

/** The case's key in the arguments. */
export const key = "$key"

/** Where the runner puts the files of the cases. */
export const folder = "$folder"

/** What the cases of recognition hear: WAV files that the simulator has spoken. */
export const recording = { name: "hello.wav", text: "你好，世界。今天天气怎么样？" }

/** A single sentence: what hears no more than one ends by itself where another begins, whether or not it was told to end. */
export const question = { name: "question.wav", text: "今天天气怎么样？" }
