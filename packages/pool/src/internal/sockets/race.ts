import * as Net from "node:net"
import type { Address } from "./addresses.js"

/** @internal */
export interface Race {
  /** Ends all attempts but one that has won. */
  readonly stop: () => void
}

/**
 * Tries the addresses of a host one after another, each some time after the one before or as soon as that has failed, and
 * gives none up: the first that is connected wins (RFC 8305). A link that takes seconds wins where no other is there.
 *
 * `opened` is told of each socket, so that the listener sees it closed. `lost` is called once, when all have failed.
 *
 * @internal
 */
export const race = (
  addresses: ReadonlyArray<Address>,
  options: {
    readonly port: number
    readonly socket: Omit<Net.TcpNetConnectOpts, "port" | "host">
    readonly attemptDelay: number
    /** Runs the task once after the delay; the returned function cancels it. */
    readonly schedule: (delayMillis: number, task: () => void) => () => void
  },
  listener: {
    readonly opened: (socket: Net.Socket) => void
    readonly won: (socket: Net.Socket) => void
    readonly lost: (error: Error) => void
  }
): Race => {
  const attempts = new Set<Net.Socket>()
  const errors: Array<Error> = []
  let next = 0
  let isOver = false
  let cancelNext: (() => void) | undefined

  const stop = (winner?: Net.Socket): void => {
    isOver = true
    cancelNext?.()
    for (const socket of attempts) if (socket !== winner) socket.destroy()
    attempts.clear()
  }

  const attempt = (): void => {
    cancelNext?.()
    cancelNext = undefined
    const address = addresses[next]
    if (isOver || address === undefined) return
    next++
    const socket = Net.connect({
      ...options.socket,
      host: address.address,
      family: address.family,
      port: options.port
    })
    attempts.add(socket)
    listener.opened(socket)
    const failed = (error: Error): void => {
      if (!attempts.delete(socket) || isOver) return
      errors.push(error)
      if (next < addresses.length) attempt()
      else if (attempts.size === 0) {
        isOver = true
        const [first = error] = errors
        listener.lost(errors.length > 1 ? new AggregateError(errors) : first)
      }
    }
    const closed = () => failed(new Error("the socket was closed"))
    socket.on("error", failed)
    socket.on("close", closed)
    socket.once("connect", () => {
      if (isOver) return
      stop(socket)
      // The winner lives long, and keeps nothing of the race.
      socket.off("error", failed)
      socket.off("close", closed)
      listener.won(socket)
    })
    if (next < addresses.length) cancelNext = options.schedule(options.attemptDelay, attempt)
  }

  attempt()
  return { stop: () => stop() }
}
