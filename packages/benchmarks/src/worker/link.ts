import { createInterface } from "node:readline"
import { linePrefix, type Numbers } from "../task.js"

const replies: Array<() => void> = []

const lines = createInterface({ input: process.stdin })
lines.on("line", () => replies.shift()?.())

/** Tells the harness, and waits until it has done what it does about it. */
export const tell = (line: string): Promise<void> =>
  new Promise((resolve) => {
    replies.push(resolve)
    process.stdout.write(`${linePrefix}${line}\n`)
  })

/** The last line; a pipe may still hold it when the process is done. */
export const giveResult = (numbers: Numbers): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(`${linePrefix}result ${JSON.stringify(numbers)}\n`, () => resolve())
  })
