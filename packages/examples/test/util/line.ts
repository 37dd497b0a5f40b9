/** What Effect's major versions do not have in common of a program. */

/** The exit code of a program that a signal has interrupted. */
export const interruptedCode = 0

/** The examples that there are not. */
export const absent: ReadonlySet<string> = new Set()
