/**
 * Tasks and sessions over WebSockets, and histories, for programs without Effect.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Conversation from "../Conversation.js"
import * as DuplexTask from "../DuplexTask.js"
import * as Realtime from "../Realtime.js"
import { handlersOf } from "./chat.js"
import type { Elements } from "./chatTypes.js"
import { type Held, hold } from "./hold.js"
import type { Everything } from "./own.js"
import { given, iterable, promise, streamed, streamOf } from "./run.js"
import type * as Sessions from "./sessionTypes.js"
import type * as Types from "./types.js"

type Services = Everything extends Runtime.Runtime<infer R> ? R : never

const held = <O extends object, A>(
  runtime: Everything,
  options: (O & Types.Abortable) | undefined,
  open: (options: O | undefined) => Effect.Effect<A, unknown, Services | Scope.Scope>
): Promise<Held<A>> => {
  const { options: own, problem, signal } = given<O | undefined>(options)
  return hold(runtime, problem === undefined ? open(own) : Effect.fail(problem), signal)
}

const closing = ({ close }: Held<unknown>): Sessions.Closable => ({ close, [Symbol.asyncDispose]: close })

/** @internal */
export const duplexTask = (runtime: Everything): Sessions.DuplexTaskClient => ({
  run: (request, input, options) =>
    streamed(
      runtime,
      options,
      (options) => DuplexTask.run(request, input === undefined ? undefined : streamOf(input), options)
    ),
  open: async (request, options) => {
    const task = await held(runtime, options, (options) => DuplexTask.open(request, options))
    const { events, finish, id, send, started } = task.value
    return {
      id,
      started,
      send: (input) => task.run(send(input)),
      finish: (input) => task.run(finish(input)),
      events: task.elements(events),
      ...closing(task)
    }
  }
})

const inputOf = (run: Held<unknown>["run"], session: Omit<Realtime.Session, "events">): Sessions.RealtimeInput => ({
  id: session.id,
  family: session.family,
  info: session.info,
  update: (params) => run(session.update(params)),
  appendAudio: (audio) => run(session.appendAudio(audio)),
  commit: () => run(session.commit),
  clear: () => run(session.clear),
  appendImage: (jpeg) => run(session.appendImage(jpeg)),
  appendText: (text) => run(session.appendText(text)),
  commitText: () => run(session.commitText),
  clearText: () => run(session.clearText),
  createResponse: (options) => run(session.createResponse(options)),
  cancelResponse: () => run(session.cancelResponse),
  createItem: (item, previousItemId) => run(session.createItem(item, previousItemId)),
  functionOutput: (callId, output) => run(session.functionOutput(callId, output)),
  retrieveItem: (itemId) => run(session.retrieveItem(itemId)),
  deleteItem: (itemId) => run(session.deleteItem(itemId)),
  sendRaw: (event) => run(session.sendRaw(event)),
  finish: () => run(session.finish)
})

/** Bytes are all of the audio, and no elements. */
const audioOf = (audio: Uint8Array | Elements<Uint8Array>): Stream.Stream<Uint8Array, unknown> =>
  audio instanceof Uint8Array ? Stream.make(audio) : streamOf(audio)

/** @internal */
export const realtime = (runtime: Everything): Sessions.RealtimeClient => ({
  open: async (params, options) => {
    const session = await held(runtime, options, (options) => Realtime.open(params, options))
    return {
      ...inputOf(session.run, session.value),
      events: session.elements(session.value.events),
      ...closing(session)
    }
  },
  conversation: async (params, input, options) => {
    const conversation = await held(runtime, options, (options) =>
      Effect.suspend(() => {
        const { tools = [], ...others }: Sessions.RealtimeToolOptions = options ?? {}
        return Realtime.conversation(params, streamOf(input), { ...others, handlers: handlersOf(tools) })
      }))
    const { audio, events, interrupt, session } = conversation.value
    return {
      session: inputOf(conversation.run, session),
      audio: conversation.elements(audio),
      events: conversation.elements(events),
      interrupt: () => conversation.run(interrupt),
      ...closing(conversation)
    }
  },
  transcribe: (params, audio, options) =>
    streamed(runtime, options, (options) => Realtime.transcribe(params, audioOf(audio), options)),
  speak: (params, texts, options) =>
    streamed(runtime, options, (options) => Realtime.speak(params, streamOf(texts), options)),
  translate: (params, audio, options) =>
    streamed(runtime, options, (options) => Realtime.translate(params, audioOf(audio), options))
})

/** @internal */
export const conversation = (options?: Types.ConversationOptions): Sessions.ChatConversation => {
  const runtime = Runtime.defaultRuntime
  const history = Effect.runSync(Conversation.make(options))
  return {
    get messages() {
      return Effect.runSync(history.messages)
    },
    append: (said) => Effect.runSync(history.append(said)),
    trim: (budget) => Effect.runSync(history.trim(budget)),
    clear: () => Effect.runSync(history.clear),
    send: (input, ask) =>
      promise(
        runtime,
        history.send(input, (messages) =>
          Effect.tryPromise({ try: async () => await ask(messages), catch: (error) => error }))
      ),
    sendStream: (input, ask, fold) =>
      iterable(
        runtime,
        history.sendStream(input, (messages) => Stream.suspend(() => streamOf(ask(messages))), fold)
      )
  }
}
