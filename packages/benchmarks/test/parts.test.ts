import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as answers from "../src/answers.js"
import { lines, subjects } from "../src/clients.js"
import { parseCores } from "../src/machine.js"
import { measures, modes } from "../src/measures.js"
import { help, read } from "../src/options.js"
import { reasonOf } from "../src/others.js"
import { describeProfile, ownerOf, selfTimes } from "../src/profiles.js"
import { schedule, wholeRounds } from "../src/run.js"
import * as Behaviour from "../src/server/behaviour.js"
import { EventReader, textOf } from "../src/worker/byHand.js"
import { starts } from "../src/worker/registry.js"

const optionsOf = (args: ReadonlyArray<string>) => {
  const request = Either.getOrThrow(read(args))
  if (request._tag === "Help") throw new Error("asked for help")
  return request.options
}

describe("the command line", () => {
  it("runs everything by itself", () => {
    assert.deepStrictEqual(optionsOf([]), {
      mode: modes.full,
      clients: undefined,
      measures: undefined,
      out: "docs/benchmarks",
      within: Infinity,
      profile: undefined
    })
  })

  it("keeps a quick look apart, and writes nothing about a part", () => {
    assert.strictEqual(optionsOf(["--quick"]).out, "docs/benchmarks/quick")
    assert.isUndefined(optionsOf(["--only", "openai"]).out)
    assert.isUndefined(optionsOf(["--measure", "limit"]).out)
    assert.strictEqual(optionsOf(["--measure", "limit", "--out", "x"]).out, "x")
  })

  it("puts both lines of Effect beside each other, each client with its twin", () => {
    const options = optionsOf(["--lines"])
    assert.strictEqual(options.out, "docs/benchmarks/lines")
    assert.deepStrictEqual(options.clients, lines)
    for (const { name, twinOf } of subjects) {
      if (twinOf !== undefined) assert.includeMembers([...lines], [name, twinOf])
    }
    assert.includeMembers(measures.map(({ name }) => name), [...options.measures ?? []])
    assert.isUndefined(optionsOf(["--lines", "--measure", "layer"]).out)
  })

  it("takes names in lists and one by one", () => {
    const options = optionsOf(["--only", "openai,fetch", "--only", "axios", "--rounds", "2"])
    assert.deepStrictEqual(options.clients, ["openai", "fetch", "axios"])
    assert.strictEqual(options.mode.rounds, 2)
  })

  it("profiles once, into a folder of its own unless told", () => {
    assert.match(optionsOf(["--profile", "--only", "openai"]).profile ?? "", /dist\/profiles$/)
    const told = optionsOf(["--only", "openai", "--profile", "here"])
    assert.strictEqual(told.profile, "here")
    assert.strictEqual(told.mode.rounds, 1)
  })

  it("says what it does not know", () => {
    for (
      const [args, part] of [
        [["--only", "curl"], "no curl"],
        [["--measure", "love"], "no love"],
        [["--rounds", "0"], "--rounds"],
        [["--within", "soon"], "--within"],
        [["--fast"], "--fast"]
      ] as const
    ) {
      assert.include(Either.getOrThrow(Either.flip(read(args))), part)
    }
  })

  it("names all there is in its help", () => {
    for (const { name } of [...subjects, ...measures]) assert.include(help, name)
    for (const line of help.split("\n")) assert.isAtMost(line.length, 120)
  })
})

describe("clients", () => {
  it("can all be started", () => {
    assert.sameMembers(Object.keys(starts), subjects.flatMap(({ name, runtime }) => runtime === "node" ? [name] : []))
  })
})

describe("the schedule", () => {
  it("lets each client measure each thing once in a round, and another one go first each time", () => {
    const chosen = subjects.slice(0, 3)
    const units = schedule(chosen, measures.filter(({ name }) => name === "in-flight-32"), { ...modes.full, rounds: 3 })
    const firsts = [0, 1, 2].map((round) => {
      const names = units.filter((unit) => unit.round === round).map(({ entrant }) => entrant.name)
      assert.sameMembers(names, chosen.map(({ name }) => name))
      return names[0]
    })
    assert.sameMembers(firsts, chosen.map(({ name }) => name))
  })

  it("counts the rounds that are whole when it is cut short", () => {
    const units = [0, 0, 1, 1].map((round) => ({ round }))
    assert.deepStrictEqual([0, 1, 2, 3, 4].map((done) => wholeRounds(units, done)), [0, 0, 1, 1, 2])
  })

  it("asks nobody to let calls wait who cannot", () => {
    const units = schedule(subjects, measures.filter(({ name }) => name === "heap-waiting"), modes.full)
    assert.isTrue(units.every(({ entrant }) => entrant.subject?.bounded === true))
    assert.isTrue(units.some(({ entrant }) => entrant.name === "undici"))
  })
})

describe("answers", () => {
  it.each(answers.shapes)("%s: a stream is events that make up its text", (shape) => {
    const events = answers.frames(shape, 20).flatMap((frame) =>
      Array.from(
        frame.matchAll(/^data: ?(.*)$/gm),
        ([, data = ""]): unknown => data === "[DONE]" ? data : JSON.parse(data)
      )
    )
    const texts = events.map((event) => JSON.stringify(event))
    for (let i = 0; i < 20; i++) {
      assert.isTrue(texts.some((text) => text.includes(JSON.stringify(answers.piece(i)))), answers.piece(i))
    }
    assert.isAtLeast(events.length, 20)
  })

  it.prop("are read by hand alike wherever they are cut", [FastCheck.integer({ min: 1, max: 700 })], ([size]) => {
    const bytes = Buffer.from(answers.frames("native", 15).join(""))
    const pieces: Array<string> = []
    const reader = new EventReader((text) => pieces.push(text))
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
    assert.strictEqual(pieces.length, 15)
    assert.strictEqual(pieces.join("").length, answers.characters(15))
  })

  it("that are none, or errors, are told from those that are", () => {
    assert.strictEqual(textOf(JSON.parse(answers.answerBody("native"))), answers.text)
    assert.throws(() => textOf({ code: "Throttling" }), /not an answer/)
    const reader = new EventReader(() => {})
    assert.throws(() => reader.push(Buffer.from("event:error\ndata:{\"code\":\"Throttling\"}\n\n")), /Throttling/)
  })
})

describe("behaviours", () => {
  const count = FastCheck.nat({ max: 100_000 })
  const behaviour: FastCheck.Arbitrary<Behaviour.Behaviour> = FastCheck.oneof(
    FastCheck.record({ _tag: FastCheck.constant("Answer" as const), delayMillis: count }),
    FastCheck.record({ _tag: FastCheck.constant("Either" as const), events: count }),
    FastCheck.record({ _tag: FastCheck.constant("Hold" as const) }),
    FastCheck.record({ _tag: FastCheck.constant("Stream" as const), events: count, intervalMillis: count })
  )

  it.prop("are read as they are written", [behaviour], ([behaviour]) => {
    assert.deepStrictEqual(Behaviour.read(Behaviour.show(behaviour)), behaviour)
  })

  it("that nobody knows are none", () => {
    for (const segment of ["", "d", "s", "x1", "d5s5", "holder"]) assert.isUndefined(Behaviour.read(segment))
  })
})

describe("cores", () => {
  it("are read as Linux writes them", () => {
    assert.deepStrictEqual(parseCores("0-2,5"), [0, 1, 2, 5])
    assert.deepStrictEqual(parseCores("3"), [3])
    assert.deepStrictEqual(parseCores(""), [])
  })
})

describe("reasons", () => {
  it("name the error, and neither folders nor addresses", () => {
    const reason = reasonOf({
      message: "Command failed: mvn --file /home/me/pom.xml",
      stdout: "\u001b[0m\n[ERROR] No such thing at https://example.com/x in /home/me\n",
      stderr: ""
    })
    assert.strictEqual(reason, "[ERROR] No such thing at … in …")
    assert.strictEqual(reasonOf(new Error("spawn mvn ENOENT")), "spawn mvn ENOENT")
  })
})

describe("profiles", () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 9 })
  const profile = {
    nodes: [
      { id: 1, callFrame: frame("(idle)", "") },
      { id: 2, callFrame: frame("decode", "file:///a/node_modules/effect-dashscope/dist/Generation.js") },
      { id: 3, callFrame: frame("run", "file:///a/node_modules/.pnpm/effect@3/node_modules/effect/dist/fiber.js") },
      { id: 4, callFrame: frame("decode", "file:///a/node_modules/effect-dashscope/dist/Generation.js") }
    ],
    samples: [1, 2, 3, 4, 2],
    timeDeltas: [1000, 10, 20, 30, 40]
  }

  it("add up the time of a function wherever it was called, and leave idleness out", () => {
    assert.deepStrictEqual(selfTimes(profile).map(({ micros, name, owner }) => [name, owner, micros]), [
      ["decode", "effect-dashscope", 80],
      ["run", "effect", 20]
    ])
    assert.include(describeProfile(profile), "80.0 %")
  })

  it("know whose code it is", () => {
    assert.strictEqual(ownerOf("x", "node:net"), "node")
    assert.strictEqual(ownerOf("(garbage collector)", ""), "(garbage collector)")
    assert.strictEqual(ownerOf("writev", ""), "(native)")
    assert.strictEqual(ownerOf("x", "file:///a/node_modules/@effect/platform/dist/x.js"), "@effect/platform")
    assert.strictEqual(ownerOf("x", "file:///a/worker/main.js"), "benchmark")
  })
})
