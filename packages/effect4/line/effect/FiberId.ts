/** Who interrupts: Effect 4 has the fiber's number there, or nothing. */
export type FiberId = number | undefined

export const none: FiberId = undefined
