/**
 * What a service of the inference protocol is: it is told what arrives for a task, and says what is to be sent.
 */
import type { SocketBehavior } from "../../Behavior.js"
import type { JsonObject } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import type { SocketIncoming } from "../sockets/route.js"
import type { RunTask } from "./protocol.js"

/** @internal */
export type Output =
  | { readonly _tag: "Result"; readonly payload: JsonObject }
  | { readonly _tag: "Audio"; readonly bytes: Uint8Array }
  /** The task has ended well. */
  | { readonly _tag: "Finished"; readonly payload: JsonObject }

/** @internal */
export const resultOf = (payload: JsonObject): Output => ({ _tag: "Result", payload })

/** @internal */
export const finishedWith = (payload: JsonObject): Output => ({ _tag: "Finished", payload })

/**
 * Where a task puts what is to be sent.
 *
 * @internal
 */
export interface TaskOut {
  readonly push: (outputs: Iterable<Output>) => void
  /** Forgets what is not sent yet. */
  readonly clear: () => void
  /** Ends the task, and with it the WebSocket. */
  readonly fail: (failure: Failure) => void
  readonly behavior: SocketBehavior
}

/**
 * A task that runs. What is absent is refused.
 *
 * @internal
 */
export interface Running {
  /** The output that `task-started` carries. */
  readonly startedWith?: JsonObject | undefined
  /** The task was started, and its client knows. */
  readonly onStarted?: (() => void) | undefined
  /** `continue-task`. */
  readonly onInput?: ((input: JsonObject, payload: JsonObject) => Failure | undefined) | undefined
  readonly onAudio?: ((bytes: Buffer) => Failure | undefined) | undefined
  /** `finish-task`: has to end in `Finished`, or in a failure. */
  readonly onFinish: (input: JsonObject) => Failure | undefined
  readonly onEnd?: (() => void) | undefined
}

/** @internal */
export interface TaskService {
  readonly serves: (task: RunTask) => boolean
  readonly run: (task: RunTask, out: TaskOut, incoming: SocketIncoming) => Running | Failure
  /** Another `run-task` aborts the task that runs, instead of failing. Default false. */
  readonly isInterruptible?: boolean | undefined
}
