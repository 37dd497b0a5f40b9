/**
 * Counts WebSockets, tasks and messages.
 */
import type { SocketStats } from "../../SocketStats.js"

type Numbers = { -readonly [K in keyof SocketStats]: SocketStats[K] }

const zero: Numbers = {
  open: 0,
  maxOpen: 0,
  opened: 0,
  refused: 0,
  tasks: 0,
  tasksInFlight: 0,
  maxTasksInFlight: 0,
  tasksFinished: 0,
  tasksFailed: 0,
  tasksAborted: 0,
  tasksReused: 0,
  sessions: 0,
  messagesReceived: 0,
  messagesHeld: 0,
  messagesSent: 0,
  audioBytesReceived: 0,
  audioBytesSent: 0,
  pongs: 0
}

/** @internal */
export type TaskEnd = "finished" | "failed" | "aborted"

/** @internal */
export class SocketCounts {
  readonly numbers: Numbers = { ...zero }

  /** The end of a WebSocket, to be called once or more. */
  opened(): () => void {
    const { numbers } = this
    numbers.opened++
    numbers.open++
    numbers.maxOpen = Math.max(numbers.maxOpen, numbers.open)
    let isOpen = true
    return () => {
      if (isOpen) {
        isOpen = false
        numbers.open--
      }
    }
  }

  /** The end of a task, to be called once or more; the first says how. */
  taskStarted(isReused: boolean): (end: TaskEnd) => void {
    const { numbers } = this
    numbers.tasks++
    numbers.tasksInFlight++
    numbers.maxTasksInFlight = Math.max(numbers.maxTasksInFlight, numbers.tasksInFlight)
    if (isReused) {
      numbers.tasksReused++
    }
    let isOpen = true
    return (end) => {
      if (!isOpen) {
        return
      }
      isOpen = false
      numbers.tasksInFlight--
      switch (end) {
        case "finished":
          numbers.tasksFinished++
          break
        case "failed":
          numbers.tasksFailed++
          break
        case "aborted":
          numbers.tasksAborted++
          break
      }
    }
  }

  stats(): SocketStats {
    return { ...this.numbers }
  }

  /** Totals to zero, maxima to what is there now. */
  reset(): void {
    const { open, tasksInFlight } = this.numbers
    Object.assign(this.numbers, zero, { open, maxOpen: open, tasksInFlight, maxTasksInFlight: tasksInFlight })
  }
}
