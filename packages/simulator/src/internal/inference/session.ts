/**
 * One WebSocket of the inference protocol: tasks, one after another.
 */
import type { Behavior } from "../../Behavior.js"
import type { JsonObject } from "../core/json.js"
import { asObject, asString, isObject, parseObject } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import { failureOf } from "../server/errors.js"
import { checkModel } from "../server/route.js"
import type { TaskEnd } from "../sockets/counts.js"
import type { Item } from "../sockets/outbox.js"
import { audio, event, Outbox } from "../sockets/outbox.js"
import type { Peer } from "../sockets/peer.js"
import { refusesAtOnce } from "../sockets/refuses.js"
import type { Session, SocketIncoming } from "../sockets/route.js"
import { Deadline } from "../sockets/timer.js"
import type { RunTask } from "./protocol.js"
import { failed, finished, invalidAction, readRunTask, result, started, taskMissing, timedOut } from "./protocol.js"
import type { Output, Running, TaskOut, TaskService } from "./task.js"

interface Task {
  readonly id: string
  readonly outbox: Outbox
  readonly behavior: Behavior
  readonly isInterruptible: boolean
  readonly over: (end: TaskEnd) => void
  running: Running | undefined
  /** Not before its client can know. */
  isStarted: boolean
  isFinishing: boolean
  /** What came before that, in order. */
  held: Array<() => void>
}

const closing = { malformed: 1007, failed: 1000, idle: 1000 } as const

/** @internal */
export class InferenceSession implements Session {
  private task: Task | undefined
  private readonly ids = new Set<string>()
  /** The task that ended by itself, whose client may not know yet. */
  private endedByItself: string | undefined
  private readonly input: Deadline
  private readonly idle: Deadline

  constructor(
    private readonly services: ReadonlyArray<TaskService>,
    private readonly peer: Peer,
    private readonly incoming: SocketIncoming
  ) {
    const { now, sockets, timer } = incoming
    this.input = new Deadline(timer, now, sockets.inputTimeout, () => this.fail(timedOut(sockets.inputTimeout)))
    this.idle = new Deadline(timer, now, sockets.idleTimeout, () => peer.close(closing.idle))
    this.idle.restart()
  }

  readonly isIdle = (): boolean => this.task === undefined

  readonly onClose = (): void => {
    this.endTask("aborted")
    this.input.stop()
    this.idle.stop()
  }

  readonly onText = (text: string): void => {
    const message = parseObject(text)
    const header = asObject(message?.header)
    const action = asString(header?.action)
    if (header === undefined || action === undefined) {
      this.peer.close(closing.malformed, "Invalid payload data")
      return
    }
    const payload = asObject(message?.payload)
    const wrong = action === "run-task"
      ? this.run(text, header, payload)
      : action === "continue-task" || action === "finish-task"
      ? this.goOn(action, header, payload)
      : invalidAction(action)
    if (wrong !== undefined) {
      this.fail(wrong, asString(header.task_id))
    }
  }

  readonly onBinary = (bytes: Buffer): void => {
    const { incoming, task } = this
    incoming.counts.numbers.audioBytesReceived += bytes.length
    if (bytes.length > incoming.sockets.maxFrameBytes) {
      this.endTask("failed")
      this.peer.close(
        1009,
        "The decoded text message was too big for the output buffer and the endpoint does not support partial messages"
      )
      return
    }
    if (task !== undefined && !task.isStarted) {
      this.hold(task, () => this.hear(bytes))
    } else {
      this.hear(bytes)
    }
  }

  private hear(bytes: Buffer): void {
    const { task } = this
    if (task === undefined && this.endedByItself !== undefined) {
      return
    }
    if (task === undefined || task.isFinishing || task.running?.onAudio === undefined) {
      this.fail(invalidAction("binary"))
      return
    }
    this.heard(task)
    const wrong = task.running.onAudio(bytes)
    if (wrong !== undefined) {
      this.fail(wrong)
    }
  }

  /** Keeps what comes before `task-started`: not every official SDK waits for that. */
  private hold(task: Task, deliver: () => void): void {
    this.incoming.counts.numbers.messagesHeld++
    task.held.push(deliver)
  }

  /** Something came for a task; a stalled one does not mind. */
  private heard(task: Task): void {
    if (!task.outbox.isStalled) {
      this.input.restart()
    }
  }

  private run(text: string, header: JsonObject, payload: JsonObject | undefined): Failure | undefined {
    const { incoming } = this
    const request = readRunTask(header, payload)
    const before = this.task
    if (before !== undefined && (isFailure(request) || !before.isInterruptible || before.id === request.id)) {
      return isFailure(request) ? request : invalidAction("run-task")
    }
    this.endTask("aborted")
    this.idle.stop()
    incoming.onBusy()
    const behavior = incoming.behaviorOf("run-task", text)
    const over = incoming.counts.taskStarted(this.ids.size > 0)
    if (isFailure(request)) {
      over("failed")
      return request
    }
    const isKnown = this.ids.has(request.id)
    this.ids.add(request.id)
    const service = this.services.find((one) => one.serves(request))
    const task: Task = {
      id: request.id,
      outbox: this.outboxOf(request.id, behavior),
      behavior,
      isInterruptible: service?.isInterruptible === true,
      over,
      running: undefined,
      isStarted: false,
      isFinishing: false,
      held: []
    }
    this.task = task
    this.endedByItself = undefined
    const wrong = isKnown
      ? invalidAction("run-task")
      : refusesAtOnce(behavior)
      ? failureOf(behavior.error ?? {})
      : checkModel(request.model, incoming.settings)
    if (wrong !== undefined) {
      return wrong
    }
    if (service === undefined) {
      return invalid(`There is no task ${request.group}/${request.task}/${request.function}.`)
    }
    const start = () => {
      if (this.task === task && !this.peer.isOver) {
        this.start(task, service, request)
      }
    }
    if (behavior.latency === undefined) {
      // Later than what a client sends that does not wait for it.
      setImmediate(start)
    } else {
      this.peer.after(behavior.latency, start)
    }
    return undefined
  }

  private outboxOf(id: string, behavior: Behavior): Outbox {
    const { counts } = this.incoming
    return new Outbox(this.peer, behavior.socket ?? {}, {
      fail: () => this.fail(failureOf(behavior.error ?? {})),
      giant: (bytes) => {
        const around = (padding: string) =>
          JSON.stringify({
            header: { task_id: id, event: "result-padded", attributes: {} },
            payload: { padding }
          })
        return around("x".repeat(Math.max(0, bytes - around("").length)))
      },
      heard: (bytes) => {
        counts.numbers.audioBytesSent += bytes
      }
    })
  }

  private start(task: Task, service: TaskService, request: RunTask): void {
    const running = service.run(request, this.outOf(task), this.incoming)
    if (isFailure(running)) {
      this.fail(running)
      return
    }
    task.running = running
    task.outbox.push([event(started(task.id, running.startedWith), () => {
      task.isStarted = true
      // Once it is known whether the behaviour lets it fail or makes it silent now.
      queueMicrotask(() => this.started(task, running, request))
    })])
  }

  private started(task: Task, running: Running, request: RunTask): void {
    if (this.task !== task || task.outbox.isStalled) {
      return
    }
    if (request.streaming === "out") {
      task.isFinishing = true
    } else {
      this.input.restart()
    }
    running.onStarted?.()
    for (const deliver of task.held.splice(0)) {
      if (this.peer.isOver) {
        break
      }
      deliver()
    }
  }

  private outOf(task: Task): TaskOut {
    return {
      push: (outputs) => task.outbox.push(this.itemsOf(task, outputs)),
      clear: () => task.outbox.clear(),
      fail: (failure) => {
        if (this.task === task) {
          this.fail(failure)
        }
      },
      behavior: task.behavior.socket ?? {}
    }
  }

  private *itemsOf(task: Task, outputs: Iterable<Output>): Generator<Item> {
    for (const output of outputs) {
      switch (output._tag) {
        case "Result":
          yield event(result(task.id, output.payload))
          break
        case "Audio":
          yield audio(output.bytes)
          break
        case "Finished":
          yield event(finished(task.id, output.payload), () => this.finished(task))
          break
      }
    }
  }

  private finished(task: Task): void {
    const { closeInsteadOfReuse } = task.behavior.socket ?? {}
    task.outbox.stop()
    this.endedByItself = task.isFinishing ? undefined : task.id
    this.endTask("finished")
    switch (closeInsteadOfReuse) {
      case "close":
        this.peer.close(1000)
        break
      case "end":
        this.peer.end()
        break
      case "reset":
        this.peer.reset()
        break
      case undefined:
        this.idle.restart()
        this.incoming.onIdle()
        break
    }
  }

  private goOn(
    action: "continue-task" | "finish-task",
    header: JsonObject,
    payload: JsonObject | undefined
  ): Failure | undefined {
    const { task } = this
    if (task === undefined && this.endedByItself === header.task_id) {
      return undefined
    }
    if (task === undefined || task.id !== header.task_id) {
      return invalidAction(action)
    }
    if (!task.isStarted) {
      this.hold(task, () => {
        const wrong = this.goOn(action, header, payload)
        if (wrong !== undefined) {
          this.fail(wrong, task.id)
        }
      })
      return undefined
    }
    const input = payload?.input
    const isCancel = task.isInterruptible && action === "finish-task" && isObject(input) && input.directive === "cancel"
    // What follows the end of the input is refused, but for the wish to hear no more of it.
    if (task.isFinishing && !isCancel) {
      return invalidAction(action)
    }
    if (payload === undefined || !isObject(input)) {
      return taskMissing
    }
    if (action === "finish-task") {
      task.isFinishing = true
      this.input.stop()
      return task.running?.onFinish(input)
    }
    this.heard(task)
    return task.running?.onInput === undefined ? invalidAction(action) : task.running.onInput(input, payload)
  }

  /** Tells the failure, and closes. A task that its behaviour made silent stays so. */
  private fail(failure: Failure, given?: string): void {
    if (this.task?.outbox.isStalled === true) {
      return
    }
    const id = this.task?.id ?? given ?? ""
    this.task?.outbox.stop()
    this.endTask("failed")
    this.peer.text(JSON.stringify(failed(id, failure)))
    this.peer.close(closing.failed)
  }

  private endTask(end: TaskEnd): void {
    const { task } = this
    if (task !== undefined) {
      this.task = undefined
      task.outbox.stop()
      task.running?.onEnd?.()
      task.over(end)
    }
    this.input.stop()
  }
}
