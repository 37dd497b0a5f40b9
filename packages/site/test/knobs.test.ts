import { assert, describe, it } from "@effect/vitest"
import { ConnectionConfig } from "effect-dashscope"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as PathPatch from "effect/ConfigProviderPathPatch"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as HashSet from "effect/HashSet"
import { checkedTables, languages, read } from "./pages.js"

type Knob = keyof typeof ConnectionConfig.ConnectionConfig.fields

const isKnob = (name: string): name is Knob => Object.hasOwn(ConnectionConfig.ConnectionConfig.fields, name)
const knobs = Object.keys(ConnectionConfig.ConnectionConfig.fields).filter(isKnob)

/** A knob's section: its last paragraph has the facts in a fixed form. */
interface Documented {
  readonly least: string
  readonly standard: string
  readonly variables: ReadonlyArray<string>
}

const facts = {
  en: /^#+ `(\w+)`(?: \{#\w+\})?\n\n(?:(?!^#)[^])*?^At least: ([^.]+)\. \*Default: ([^*]+)\.\* Environment: (.+)\.$/gm,
  zh: /^#+ `(\w+)`(?: \{#\w+\})?\n\n(?:(?!^#)[^])*?^最小值：([^。]+)。\*默认值：([^*]+)。\* ?环境变量：(.+)。$/gm
} as const

const words = {
  en: { positive: "more than zero", zero: "zero", none: "not a number", seconds: " seconds", absent: "none" },
  zh: { positive: "大于零", zero: "零", none: "不是数字", seconds: " 秒", absent: "无" }
} as const

const isAccepted = (knob: Knob, value: unknown) =>
  Either.isRight(Effect.runSync(Effect.either(ConnectionConfig.decode({ [knob]: value }))))

for (const language of ["en", "zh"] as const) {
  const page = languages[language].find(({ path }) => path === "knobs")
  const word = words[language]
  const documented: ReadonlyMap<string, Documented> = new Map(
    Array.from(
      (page?.text ?? "").matchAll(facts[language]),
      ([, knob = "", least = "", standard = "", environment = ""]) => [knob, {
        least,
        standard,
        variables: Array.from(environment.matchAll(/`(\w+)`/g), ([, name = ""]) => name)
      }]
    )
  )
  const spell = (value: ConnectionConfig.ConnectionConfig[Knob]): string =>
    value === undefined
      ? word.absent
      : Duration.isDuration(value)
      ? `${Duration.toSeconds(value)}${word.seconds}`
      : typeof value === "object"
      ? JSON.stringify(value)
      : String(value)

  it(`README in ${language} gives knobs with their defaults`, () => {
    const file = language === "en" ? "README.md" : "README.zh-CN.md"
    const table = checkedTables({ path: "", file, text: read(file) }).find(({ name }) => name === "knobs")
    assert.isAbove(table?.rows.length ?? 0, 8)
    for (const [cell = "", standard] of table?.rows ?? []) {
      const knob = cell.replaceAll("`", "")
      assert.isTrue(isKnob(knob), knob)
      assert.strictEqual(standard, documented.get(knob)?.standard, knob)
    }
    assert.include(read(file), `${knobs.length} `)
  })

  describe(`the page of knobs in ${language}`, () => {
    it("has a section on each, and on no other", () => {
      assert.deepStrictEqual([...documented.keys()].sort(), [...knobs].sort())
    })

    it("gives their defaults", () => {
      const defaults = ConnectionConfig.make()
      for (const knob of knobs) {
        const standard = documented.get(knob)?.standard ?? ""
        const other = /^`(\w+)`$/.exec(standard)?.[1]
        if (other === undefined) {
          assert.strictEqual(standard, spell(defaults[knob]), knob)
        } else {
          // It follows another knob.
          assert.isTrue(isKnob(other), knob)
          for (const value of [7, 40]) {
            const input = { connectionPoolSize: 40, [other]: value }
            assert.strictEqual(ConnectionConfig.make(input)[knob], value, knob)
          }
        }
      }
    })

    it("gives their least values", () => {
      for (const knob of knobs) {
        const least = documented.get(knob)?.least ?? ""
        switch (least) {
          case word.positive:
            assert.isTrue(isAccepted(knob, "1 nanos"), knob)
            assert.isFalse(isAccepted(knob, "0 seconds"), knob)
            break
          case word.zero:
            assert.isTrue(isAccepted(knob, "0 seconds"), knob)
            assert.isFalse(isAccepted(knob, "-1 seconds"), knob)
            break
          case word.none:
            assert.isFalse(isAccepted(knob, 1), knob)
            break
          default:
            assert.match(least, /^\d+$/, knob)
            assert.isTrue(isAccepted(knob, Number(least)), knob)
            assert.isFalse(isAccepted(knob, Number(least) - 1), knob)
        }
      }
    })

    it.effect("names the variables that fromEnv reads, each at its knob", () =>
      Effect.gen(function*() {
        const asked = new Set<string>()
        const load = (values: Readonly<Record<string, string>>) =>
          ConfigProvider.fromFlat(ConfigProvider.makeFlat({
            load: (path, primitive) => {
              const name = path.join(".")
              asked.add(name)
              const value = values[name]
              return value === undefined
                ? Effect.fail(ConfigError.MissingData([...path], "not set"))
                : Effect.map(primitive.parse(value), (parsed) => [parsed])
            },
            enumerateChildren: () => Effect.succeed(HashSet.empty()),
            patch: PathPatch.empty
          })).load(ConnectionConfig.fromEnv())

        const defaults = yield* load({})
        for (const knob of knobs) {
          const variables = documented.get(knob)?.variables ?? []
          if (variables.length === 0) continue
          const value = (name: string) => name === "DASHSCOPE_PROXY_HOST" ? "proxy.test" : "9"
          const found = yield* load(Object.fromEntries(variables.map((name) => [name, value(name)])))
          assert.notStrictEqual(spell(found[knob]), spell(defaults[knob]), knob)
        }
        const all = [...documented.values()].flatMap(({ variables }) => variables)
        assert.deepStrictEqual([...asked].sort(), all.sort())
      }))
  })
}
