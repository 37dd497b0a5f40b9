/** What code of others has thrown or given: anything, and looking at it may throw too. */

/** A text for it. @internal */
export const messageOf = (thrown: unknown): string => {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown)
  } catch {
    return "something that cannot be shown"
  }
}

/** As an error that can be looked at: itself where nothing of it is computed, else its message. @internal */
export const errorOf = (thrown: unknown): Error => {
  const cause = causeOf(thrown)
  return cause instanceof Error ? cause : new Error(messageOf(thrown))
}

/** As something that can be looked at: itself where that is so, else an error with its message. @internal */
export const causeOf = (thrown: unknown): unknown => {
  try {
    return !(thrown instanceof Error) || isPlain(thrown) ? thrown : new Error(messageOf(thrown))
  } catch {
    // A proxy of which nothing can be asked.
    return new Error(messageOf(thrown))
  }
}

const isPlain = (error: Error): boolean => {
  for (let object: unknown = error; object !== Error.prototype && typeof object === "object" && object !== null;) {
    for (const key of ["name", "message", "code", "syscall", "cause", "errors"]) {
      if (Object.getOwnPropertyDescriptor(object, key)?.get !== undefined) return false
    }
    object = Object.getPrototypeOf(object)
  }
  return true
}
