/** What Effect's major versions do not have in common of a program: for Effect 4. */

/** The exit code of a program that a signal has interrupted. */
export const interruptedCode = 130

/** The examples that there are not. */
export const absent: ReadonlySet<string> = new Set(["bulk"])
