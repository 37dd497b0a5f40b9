import { assert, describe, it } from "@effect/vitest"
import { Certificates, ProxySimulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Esbuild from "esbuild"
import { fileURLToPath } from "node:url"
import * as WebSocket from "../../src/WebSocket.js"
import { assertAllBack, makePool } from "../util/support.js"
import { serveWebSockets } from "../util/webSocketServer.js"

describe("over TLS", () => {
  it.scopedLive("directly and through proxies; one whose certificate is not trusted is refused", () =>
    Effect.gen(function*() {
      const authority = yield* Certificates.make
      const tls = yield* authority.server
      const server = yield* serveWebSockets({ tls })
      const proxy = yield* ProxySimulator.make()
      for (const through of [undefined, proxy.url]) {
        const { pool, stats } = yield* makePool({ tls: { ca: authority.ca }, proxy: through })
        for (let i = 0; i < 3; i++) {
          yield* Effect.scoped(Effect.gen(function*() {
            const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: {} })
            assert.strictEqual(lease.isReused, i > 0)
            const large = "很".repeat(300_000)
            yield* lease.send(large)
            assert.deepStrictEqual(yield* lease.take, [large])
            yield* lease.keep
          }))
        }
        const now = yield* stats
        assertAllBack(now)
        assert.deepStrictEqual(Object.keys(now.hosts), [`wss://127.0.0.1:${server.port}`])
      }
      const { pool, stats } = yield* makePool()
      const error = yield* Effect.flip(WebSocket.openWith(pool, { url: server.url }))
      assert.isTrue(error._tag === "ConnectionError" && error.reason === "Tls")
      assertAllBack(yield* stats)
    }))
})

describe("the package ws", () => {
  it("is loaded with the first WebSocket, and not before", async () => {
    const { metafile } = await Esbuild.build({
      entryPoints: [fileURLToPath(new URL("../../src/index.ts", import.meta.url))],
      bundle: true,
      splitting: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      external: ["@effect/*", "effect", "effect/*", "undici"],
      outdir: "out",
      logLevel: "silent"
    })
    const ofWs = (name: string) => /node_modules\/ws\//.test(name)
    const outputs = Object.values(metafile.outputs)
    const entry = outputs.find(({ entryPoint }) => entryPoint?.endsWith("src/index.ts") === true)
    assert.isDefined(entry)
    const reached = new Set<string>()
    const follow = (output: typeof entry): void => {
      for (const name of Object.keys(output.inputs)) reached.add(name)
      for (const { kind, path } of output.imports) {
        const next = metafile.outputs[path]
        if (kind === "import-statement" && next !== undefined) follow(next)
      }
    }
    follow(entry)
    assert.isTrue([...reached].some((name) => name.endsWith("src/WebSocket.ts")))
    assert.deepStrictEqual([...reached].filter(ofWs), [])
    assert.isTrue(outputs.some(({ inputs }) => Object.keys(inputs).some(ofWs)))
  })
})
