/**
 * What the server counted of WebSockets. As connections they are counted in `Stats` too.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface SocketStats {
  /** WebSockets that are open: from the answer 101 until the first end of either side. */
  readonly open: number
  readonly maxOpen: number
  /** WebSockets opened since the start or the last reset. */
  readonly opened: number
  /** Handshakes that were answered with something else than 101. */
  readonly refused: number
  /** Tasks that were asked for by `run-task`, whatever became of them. */
  readonly tasks: number
  /** Tasks that have neither ended nor lost their connection. */
  readonly tasksInFlight: number
  readonly maxTasksInFlight: number
  /** Tasks that ended with `task-finished`. */
  readonly tasksFinished: number
  /** Tasks that ended with `task-failed`. */
  readonly tasksFailed: number
  /** Tasks that were running when their connection ended, or that another `run-task` put an end to. */
  readonly tasksAborted: number
  /** Tasks on a WebSocket that had run another task before. */
  readonly tasksReused: number
  /** Sessions of the realtime protocol. */
  readonly sessions: number
  /** Messages of clients, text and binary. */
  readonly messagesReceived: number
  /**
   * Those that came between `run-task` and `task-started`, and were heard only then. The service's pages ask clients to wait; the
   * official SDK of Java does not.
   */
  readonly messagesHeld: number
  /** Messages to clients, text and binary. They are written only as fast as the client reads them. */
  readonly messagesSent: number
  /** Bytes of audio from clients: binary messages, and what is base64 in the realtime protocol. */
  readonly audioBytesReceived: number
  /** Bytes of audio to clients, likewise. */
  readonly audioBytesSent: number
  /** Pongs of clients. */
  readonly pongs: number
}
