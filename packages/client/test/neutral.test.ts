import { assert, describe, it } from "@effect/vitest"
import * as Esbuild from "esbuild"
import { readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { fileURLToPath } from "node:url"
import * as Vm from "node:vm"
import { gzipSync } from "node:zlib"
import * as Client from "../src/index.js"
import * as Neutral from "../src/neutral/index.js"
import { answer } from "./util/mock.js"

/** What only a program on Node can use. */
const ofThePool = ["ConnectionConfig", "ConnectionEvent", "ConnectionPool", "Fetch", "HttpClient"]

const bundle = (contents: string, options: Pick<Esbuild.BuildOptions, "platform" | "conditions">) =>
  Esbuild.build({
    stdin: { contents, loader: "ts", resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "iife",
    globalName: "bundle",
    target: "es2022",
    logLevel: "silent",
    // Seen, and not found out by a missing package: what of Node is asked for stays an import.
    external: ["node:*"],
    ...options
  })

const targets: Readonly<Record<string, Pick<Esbuild.BuildOptions, "platform" | "conditions">>> = {
  "browsers": { platform: "browser" },
  "Workers": { platform: "neutral", conditions: ["workerd", "worker", "browser"] }
}

const program = readFileSync(new URL("fixtures/neutral.ts", import.meta.url), "utf8")

const event = (content: string, finishReason: string) =>
  `id:1\nevent:result\n:HTTP_STATUS/200\ndata:${
    JSON.stringify({
      ...answer,
      output: { choices: [{ finish_reason: finishReason, message: { role: "assistant", content } }] }
    })
  }\n\n`

/** The service, as \`fetch\`; keeps what it was asked. */
const service = () => {
  const asked: Array<string> = []
  const respond = (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    const body = typeof init.body === "string" ? init.body : new TextDecoder().decode(init.body as Uint8Array)
    asked.push(`${String(url)} ${headers.get("authorization")} ${headers.get("user-agent")} ${body}`)
    return Promise.resolve(
      body.includes("unknown")
        ? Response.json({ code: "ModelNotFound", message: "no such model", request_id: "1" }, { status: 404 })
        : headers.get("x-dashscope-sse") === "enable"
        ? new Response(event("Good ", "null") + event("evening!", "stop"), {
          headers: { "content-type": "text/event-stream" }
        })
        : Response.json(answer)
    )
  }
  return { asked, fetch: respond }
}

/** The globals that Workers and browsers have in common with Node; none of Node's own. */
const webGlobals = (fetch: unknown) => ({
  AbortController,
  AbortSignal,
  DOMException,
  Headers,
  Request,
  Response,
  ReadableStream,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  Uint8Array,
  ArrayBuffer,
  clearInterval,
  clearTimeout,
  console,
  fetch,
  performance,
  queueMicrotask,
  setInterval,
  setTimeout
})

describe("the entry for Workers and browsers", () => {
  it("is the main entry without what needs the pool", () => {
    assert.deepStrictEqual(
      Object.keys(Neutral).sort(),
      Object.keys(Client).filter((name) => !ofThePool.includes(name)).sort()
    )
    for (const [name, module] of Object.entries(Neutral)) {
      if (name !== "DashScope") assert.strictEqual<unknown>(module, Reflect.get(Client, name), name)
    }
    assert.strictEqual(Neutral.DashScope.layerWithoutHttpClient, Client.DashScope.layerWithoutHttpClient)
  })

  for (const [target, options] of Object.entries(targets)) {
    it(`bundles for ${target} without a module of Node, and runs over fetch`, { timeout: 60_000 }, async () => {
      const { metafile, outputFiles, warnings } = await bundle(program, options)
      assert.deepStrictEqual(warnings.map(({ text }) => text), [])
      const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path))
      assert.deepStrictEqual(imports.filter((path) => isBuiltin(path)), [])
      assert.deepStrictEqual(Object.keys(metafile.inputs).filter((path) => /undici|platform-node/.test(path)), [])

      const [output] = outputFiles
      assert.isDefined(output)
      console.log(`for ${target}: ${output.contents.length} bytes, ${gzipSync(output.contents).length} gzipped`)

      const { asked, fetch } = service()
      const context = Vm.createContext(webGlobals(fetch))
      const said: unknown = await Vm.runInContext(`${output.text}\nbundle.answers()`, context, { timeout: 20_000 })
      assert.strictEqual(said, "Good morning!|Good evening!|ApiError")
      assert.lengthOf(asked, 3)
      for (const request of asked) {
        assert.match(
          request,
          /^https:\/\/dashscope-intl\.aliyuncs\.com\/api\/v1\/\S+ Bearer sk-neutral effect-dashscope\/\S+ javascript\/unknown;/
        )
      }
    })
  }

  it("costs a program nothing for the services that it does not use", { timeout: 60_000 }, async () => {
    const { metafile } = await bundle("export { DashScopeClient, Generation } from \"effect-dashscope\"", {
      platform: "browser"
    })
    const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
    const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
    assert.isTrue(used.some((path) => path.endsWith("client/src/Generation.ts")))
    const others = [
      "Application",
      "Files",
      "TextEmbedding",
      "TextReRank",
      "VoiceEnrollment",
      "internal/operation/endpoint"
    ]
    assert.deepStrictEqual(used.filter((path) => others.some((name) => path.endsWith(`client/src/${name}.ts`))), [])
  })

  it("is not what Node gets", async () => {
    const { outputFiles: [output] } = await bundle("export { ConnectionPool } from \"effect-dashscope\"", {
      platform: "node"
    })
    assert.include(output?.text, "node:net")
  })
})
