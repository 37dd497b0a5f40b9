/**
 * An error without the trace of where it was made. V8 keeps the calls of a trace, and all that they lead to, until somebody
 * reads it: an error that is kept would keep its request, with the whole question.
 *
 * @internal
 */
export const lean = <E extends Error>(make: () => E): E => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/**
 * Has an error that others made let go of what its trace leads to.
 *
 * @internal
 */
export const released = <E extends Error>(error: E): E => {
  void error.stack
  return error
}
