/** Submits tasks, and asks about them. */
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import type { Ask } from "../helpers.js"
import { answered } from "../services.js"

export const submission = (path: string, model: string, input: unknown, parameters: object = {}): Ask => ({
  path: `/api/v1/services/${path}`,
  headers: { "x-dashscope-async": "enable" },
  body: { model, input, parameters }
})

/** The id of a task. */
export const submit = (origin: string, what: Ask): Effect.Effect<string> =>
  Effect.map(answered(origin, what), (answer) => String(at(answer, "output", "task_id")))

export const stateOf = (origin: string, id: string): Effect.Effect<unknown> =>
  answered(origin, { method: "GET", path: `/api/v1/tasks/${id}` })

/** The whole of the last answer about a task that goes on while it is asked for. */
export const ended = (origin: string, what: Ask): Effect.Effect<unknown> =>
  Effect.flatMap(submit(origin, what), (id) => {
    const next: Effect.Effect<unknown> = Effect.flatMap(
      stateOf(origin, id),
      (state) =>
        ["PENDING", "RUNNING"].includes(String(at(state, "output", "task_status"))) ? next : Effect.succeed(state)
    )
    return next
  })

export const bytesAt = (url: unknown, headers: Record<string, string> = {}) =>
  Effect.promise(async () => {
    const response = await fetch(String(url), { headers })
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  })
