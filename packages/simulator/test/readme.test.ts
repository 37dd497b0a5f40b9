import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { readFileSync, rmSync, writeFileSync } from "node:fs"

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8")

describe("the README's example", () => {
  it.effect("is done under the clock of a test", () =>
    Effect.gen(function*() {
      const [, code = ""] = /```ts\n([^]*?)```/.exec(page) ?? []
      const run = /^program\.pipe\(.*$/m
      assert.match(code, run)
      // A file of its own, because only a file can import packages.
      const file = new URL("./example.generated.ts", import.meta.url)
      writeFileSync(file, code.replace(run, "export { program }"))
      const example = yield* Effect.promise(() =>
        import(file.href).finally(() => rmSync(file)) as Promise<
          { readonly program: Effect.Effect<void, never, Simulator.Simulator> }
        >
      )
      yield* Effect.gen(function*() {
        yield* example.program
        const { stats } = yield* Simulator.Simulator
        assert.strictEqual((yield* stats).totalRequests, 1)
      }).pipe(Effect.provide(Simulator.layer()))
    }))
})
