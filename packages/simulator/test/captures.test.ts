/**
 * Against recordings of the real service, where they are at hand: for each recorded request of text generation, the
 * simulator's answer has no field that no recording has, and lacks none that every recording of its kind has.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { generation } from "../src/internal/generation.js"
import type { Step } from "../src/internal/plan.js"
import { plan } from "../src/internal/plan.js"
import { at, dataOf, generationPath } from "./helpers.js"

const folder = new URL("../../../../shared/captures/", import.meta.url)
const present = existsSync(folder)
if (!present) {
  console.warn("No recordings of the real service here: the simulator is not compared with them.")
}

interface Capture {
  readonly name: string
  readonly body: { readonly [name: string]: unknown }
  readonly streamed: boolean
  readonly answer: string
}

const captures: ReadonlyArray<Capture> = (present ? readdirSync(folder) : [])
  .filter((name) => name.endsWith("sse.json"))
  .map((name) => {
    const capture: unknown = JSON.parse(readFileSync(new URL(name, folder), "utf8"))
    return {
      name,
      body: at(capture, "request", "body") as Capture["body"],
      streamed: name.endsWith("-sse.json"),
      answer: String(at(capture, "response", "body")),
      path: at(capture, "request", "path")
    }
  })
  .filter(({ answer, name, path }) =>
    (path === generationPath || name.includes("reasoning")) && answer.includes("output") && !name.includes("research")
  )

/** The paths of all fields, list positions aside. */
const fields = (value: unknown, path = ""): ReadonlyArray<string> =>
  Array.isArray(value)
    ? value.flatMap((item) => fields(item, `${path}[]`))
    : typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => [`${path}.${name}`, ...fields(inner, `${path}.${name}`)])
    : []

const fieldsOf = (text: string, streamed: boolean): ReadonlySet<string> =>
  new Set((streamed ? dataOf(text) : [text]).flatMap((data) => fields(JSON.parse(data))))

const textOf = (steps: Iterable<Step>): string =>
  [...steps].map((step) =>
    step._tag === "Write" ? Buffer.from(step.bytes).toString() : step._tag === "Reply" ? String(step.body) : ""
  ).join("")

describe.runIf(present)("beside the recordings", () => {
  const requestId = "00000000-0000-9000-9000-000000000000"
  const known = new Set(captures.flatMap(({ answer, streamed }) => [...fieldsOf(answer, streamed)]))

  it("there are some", () => assert.isAtLeast(captures.length, 8))

  for (const { answer, body, name, streamed } of captures) {
    it(name, () => {
      const given = generation({ body, streamed, requestId })
      const text = textOf(plan({ answer: given, behavior: {}, streamed, requestId, headers: () => ({}) }))
      const own = fieldsOf(text, streamed)
      assert.deepStrictEqual([...own].filter((field) => !known.has(field)), [])
      const optional = /prompt_tokens_details|plugins|tool_info|index$|logprobs|model_name|output_tokens_details/
      const missing = [...fieldsOf(answer, streamed)].filter((field) => !own.has(field) && !optional.test(field))
      assert.deepStrictEqual(missing, [])
      if (streamed) {
        const lines = (stream: string) => stream.replace(/^\s+/, "").split("\n").slice(0, 3)
        assert.deepStrictEqual(lines(text), lines(answer))
      }
    })
  }
})
