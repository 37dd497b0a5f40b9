/** What a signal ends. @internal */
export interface Abortable {
  abort(reason: unknown): void
}

interface Followers {
  readonly calls: Set<Abortable>
  readonly onAbort: () => void
}

/** One listener for each signal: Node warns of more than ten, and hundreds of calls may share a signal. */
const followers = new WeakMap<AbortSignal, Followers>()

const listen = (signal: AbortSignal): Followers => {
  const calls = new Set<Abortable>()
  const onAbort = () => {
    followers.delete(signal)
    for (const call of calls) call.abort(signal.reason)
  }
  const made: Followers = { calls, onAbort }
  followers.set(signal, made)
  signal.addEventListener("abort", onAbort, { once: true })
  return made
}

/** Aborts the call when the signal says so, until it leaves. @internal */
export const follow = (signal: AbortSignal, call: Abortable): void => {
  const { calls } = followers.get(signal) ?? listen(signal)
  calls.add(call)
}

/** A signal that lives for long must not hold a call that is over. @internal */
export const leave = (signal: AbortSignal, call: Abortable): void => {
  const known = followers.get(signal)
  if (known === undefined || !known.calls.delete(call) || known.calls.size > 0) return
  followers.delete(signal)
  signal.removeEventListener("abort", known.onAbort)
}
