// What every program here needs: a report of checks, and the server's side of the story.
import { isDeepStrictEqual } from "node:util"

const { INTEROP_BASE_URL, INTEROP_CONTROL_URL, INTEROP_KEY } = process.env

export const key = INTEROP_KEY
export const baseURL = INTEROP_BASE_URL.replace("/api/v1", "/compatible-mode/v1")

let count = 0
let failures = 0
const line = (text) => console.log(text.replaceAll("\n", "\\n"))
const shown = (value) => String(value instanceof Error ? value.stack : JSON.stringify(value)).slice(0, 500)

export const isTrue = (name, condition, detail = "it does not hold") => {
  count++
  if (condition) return line(`ok ${name}`)
  failures++
  line(`FAIL ${name}\t${typeof detail === "string" ? detail : shown(detail)}`)
}

export const equal = (name, actual, expected) =>
  isTrue(name, isDeepStrictEqual(actual, expected), `expected ${shown(expected)}, got ${shown(actual)}`)

/** What it is rejected with. */
export const rejection = (run) =>
  run().then((value) => Object.assign(new Error(`a result: ${shown(value)}`), { isNone: true }), (error) => error)

/** A scenario that dies is one failed check. */
export const scenario = async (name, run) => {
  try {
    await run()
  } catch (error) {
    console.error(error)
    isTrue(name, false, error)
  }
}

export const finish = () => {
  line(`end ${count}`)
  process.exitCode = failures === 0 ? 0 : 1
}

const control = (method, path) =>
  fetch(INTEROP_CONTROL_URL + path, { method, signal: AbortSignal.timeout(30_000) }).then((response) => response.json())

/** The server's counters, now, and once it answers nothing. */
export const stats = () => control("GET", "/stats")
export const resting = () => control("GET", "/resting")
export const idle = () => control("GET", "/idle")
export const reset = () => control("POST", "/reset")
export const lastRequest = () => control("GET", "/last")

/** The header that tells the simulator how to answer. */
export const behaving = (behavior) => ({ "x-simulator-behavior": JSON.stringify(behavior) })

/** Aborts after the first element; how it ended. */
export const leaveAfterFirst = async (elements, controller) => {
  for await (const _ of elements) controller.abort()
}
