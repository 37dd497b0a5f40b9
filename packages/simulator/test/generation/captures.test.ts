/**
 * For each recorded request of text generation: the simulator's answer has no field that no recording has, and lacks
 * none that the recorded answer has.
 */
import { assert, describe, it } from "@effect/vitest"
import { generation } from "../../src/internal/generation/service.js"
import { plan } from "../../src/internal/server/plan.js"
import type { Step } from "../../src/internal/server/step.js"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import { generationPath } from "../helpers.js"

const captures = capturesWhere(({ answer, name, path, status }) =>
  status === 200 && answer.includes("output") && (path === generationPath || (path === "" && name.includes("single")))
)

const textOf = (steps: Iterable<Step>): string =>
  [...steps].map((step) =>
    step._tag === "Write" ? Buffer.from(step.bytes).toString() : step._tag === "Reply" ? String(step.body) : ""
  ).join("")

/** What the service sent in some years, and not in others. */
const ofItsTime = /\.usage\.prompt_tokens_details|\.usage\.output_tokens_details/

describe.runIf(present)("beside the recordings", () => {
  const requestId = "00000000-0000-9000-9000-000000000000"
  const known = new Set(captures.flatMap(({ answer, streamed }) => [...fieldsOf(answer, streamed)]))

  it("there are some", () => assert.isAtLeast(captures.length, 12))

  for (const { answer, body, name, streamed } of captures) {
    it(name, () => {
      const given = generation({ body, streamed, requestId })
      const text = textOf(plan({ answer: given, behavior: {}, streamed, requestId, headers: () => ({}) }))
      const own = fieldsOf(text, streamed)
      const { missing } = differences(own, fieldsOf(answer, streamed))
      assert.deepStrictEqual([...own].filter((field) => !known.has(field)), own.has(".output.message") ? research : [])
      assert.deepStrictEqual(missing.filter((field) => !ofItsTime.test(field)), [])
      if (streamed) {
        const lines = (stream: string) => stream.replace(/^\s+/, "").split("\n").slice(0, 3)
        assert.deepStrictEqual(lines(text), lines(answer))
      }
    })
  }
})

/** The two recorded events of a research are from phases without sources. */
const research = [
  ".output.message.extra.deep_research.research",
  ".output.message.extra.deep_research.research.id",
  ".output.message.extra.deep_research.research.researchGoal",
  ".output.message.extra.deep_research.research.query",
  ".output.message.extra.deep_research.research.webSites",
  ".output.message.extra.deep_research.research.webSites[].title",
  ".output.message.extra.deep_research.research.webSites[].description",
  ".output.message.extra.deep_research.research.webSites[].url",
  ".output.message.extra.deep_research.research.webSites[].favicon",
  ".output.message.extra.deep_research.research.learningMap",
  ".output.message.extra.deep_research.references",
  ".output.message.extra.deep_research.references[].icon",
  ".output.message.extra.deep_research.references[].index_number",
  ".output.message.extra.deep_research.references[].description",
  ".output.message.extra.deep_research.references[].title",
  ".output.message.extra.deep_research.references[].url"
]
