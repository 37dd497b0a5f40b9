/** The same calls of our fetch and of Node's own, side by side. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import * as Fetch from "../../src/Fetch.js"
import { httpServer } from "../util/httpServer.js"
import { assertAllBack, makePool } from "../util/support.js"

const Echoed = Schema.Struct({
  method: Schema.String,
  url: Schema.String,
  headers: Schema.Record({ key: Schema.String, value: Schema.String }),
  body: Schema.String
})

const gzipped = gzipSync("压缩".repeat(10_000))

/** Says what it was asked; or answers as the path says. */
const origin = httpServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const { headers, method, url = "" } = request
    const [, kind, argument = ""] = url.split("/")
    if (kind === "status") response.writeHead(Number(argument), { "x-status": argument }).end("body of it")
    else if (kind === "cookies") response.setHeader("set-cookie", ["a=1; Path=/", "b=2"]).end()
    else if (kind === "odd") response.writeHead(200, "Fine indeed", { "x-latin": "é", "x-empty": "" }).end("\ufeffbom")
    else if (kind === "gzip") response.setHeader("content-encoding", "gzip").end(gzipped)
    else if (kind === "br") response.setHeader("content-encoding", "br").end(brotliCompressSync("brotli"))
    else if (kind === "twice") {
      response.setHeader("content-encoding", "deflate, gzip").end(gzipSync(deflateSync("twice")))
    } else if (kind === "nothing") response.setHeader("content-encoding", "gzip").end()
    else if (kind === "notgzip") response.setHeader("content-encoding", "gzip").end("plain")
    else if (kind === "to") response.writeHead(Number(argument), { location: "/echo?a=1#there" }).end("moved")
    else if (kind === "lost") response.writeHead(302, { location: "http://[" }).end()
    else if (kind === "nowhere") response.writeHead(302).end("no location")
    else if (kind === "round") response.writeHead(302, { location: "/round" }).end()
    else {
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString("latin1") }))
    }
  })
})

const start = Effect.gen(function*() {
  const { pool, stats } = yield* makePool()
  const ours = yield* Fetch.makeWith(pool)
  const theirs: Fetch.Service = globalThis.fetch
  return { origin: yield* origin, ours, theirs, stats }
})

/** A form's boundary is anybody's choice, and so is how names of headers are written within it. */
const withoutBoundary = (text: string) =>
  text.replaceAll(/-{4,}form-?data-[\w-]+(?<!-)/gi, "BOUNDARY").replaceAll(
    /^content-[a-z]+/gim,
    (name) => name.toLowerCase()
  )

const textOf = (text: string) => new TextEncoder().encode(text)
const stream = () => new Blob(["half", " a ", "stream"]).stream()
const half = { duplex: "half" }
async function* generated() {
  yield textOf("by ")
  await Promise.resolve()
  yield textOf("a generator")
}
const form = () => {
  const form = new FormData()
  form.append("text", "a\nb")
  form.append("na\"me", "你好")
  form.append("file", new File(["\u0000\u00ff"], "na\"me.bin"))
  form.append("typed", new Blob(["{}"], { type: "application/json" }), "x.json")
  return form
}

type Input = (url: string) => readonly [input: string | URL | Request, init?: object]

const requests: { readonly [name: string]: Input } = {
  "a URL's text": (url) => [`${url}?b=%20&你#hash`],
  "a URL": (url) => [new URL(url)],
  "a Request": (url) => [new Request(url, { method: "PUT", body: "你好", headers: { "x-a": "1" } })],
  "a Request with more": (url) => [
    new Request(url, { method: "POST", body: "a", headers: { "x-a": "1" } }),
    { headers: { "x-b": "2" }, body: "b" }
  ],
  "a Request without a body": (url) => [new Request(url, { method: "POST" })],
  "a Request with bytes": (url) => [new Request(url, { method: "POST", body: new Uint8Array([0, 255]) })],
  "text": (url) => [url, { method: "post", body: "你好" }],
  "text of a type": (url) => [url, { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } }],
  "no text": (url) => [url, { method: "POST", body: "" }],
  "nothing": (url) => [url, { method: "POST", body: null }],
  "PUT without a body": (url) => [url, { method: "PUT" }],
  "DELETE": (url) => [url, { method: "delete" }],
  "a method of one's own": (url) => [url, { method: "PROPFIND", body: "x" }],
  "bytes": (url) => [url, { method: "POST", body: new Uint8Array([0, 128, 255]) }],
  "a part of a buffer": (url) => [url, { method: "POST", body: new Uint16Array(textOf("abcdefgh").buffer, 2, 2) }],
  "a buffer": (url) => [url, { method: "POST", body: textOf("buffer").buffer }],
  "many bytes": (url) => [url, { method: "POST", body: new Uint8Array(200_000).fill(7) }],
  "parameters": (url) => [url, { method: "POST", body: new URLSearchParams({ a: "1 &", b: "你" }) }],
  "a blob": (url) => [url, { method: "POST", body: new Blob(["blob"], { type: "image/png" }) }],
  "a form": (url) => [url, { method: "POST", body: form() }],
  "a stream": (url) => [url, { method: "POST", body: stream(), ...half }],
  "an iterable": (url) => [url, { method: "POST", body: generated(), ...half }],
  "Headers": (url) => [url, { headers: new Headers([["x-a", "1"], ["X-A", "2"], ["user-agent", "me"]]) }],
  "pairs": (url) => [url, { headers: [["x-a", " padded "], ["accept", "text/plain"]] }]
}

/** What the caller has a say in. */
const asked = ({ body, headers, method, url }: typeof Echoed.Type) => ({
  method,
  url,
  body: withoutBoundary(body),
  ...Object.fromEntries(
    ["content-type", "content-length", "transfer-encoding", "accept", "user-agent", "x-a", "x-b"].map((name) => [
      name,
      headers[name] === undefined ? undefined : withoutBoundary(headers[name])
    ])
  )
})

describe("a request of fetch is the same as Node's", () => {
  it.scopedLive("whatever it is made of", () =>
    Effect.gen(function*() {
      const { origin, ours, stats, theirs } = yield* start
      for (const [name, input] of Object.entries(requests)) {
        const ask = (fetch: Fetch.Service) =>
          Effect.promise(() => fetch(...input(`${origin}/echo`)).then((response) => response.json())).pipe(
            Effect.flatMap(Schema.decodeUnknown(Echoed)),
            Effect.map(asked)
          )
        const [mine, node] = [yield* ask(ours), yield* ask(theirs)]
        // The boundary of Node's has another length.
        const isForm = name === "a form"
        assert.deepStrictEqual(
          isForm ? { ...mine, "content-length": "" } : mine,
          isForm ? { ...node, "content-length": "" } : node,
          name
        )
        assert.isTrue(!isForm || Number(Reflect.get(mine, "content-length")) > 0)
      }
      assertAllBack(yield* stats)
    }))

  it.scopedLive("but for headers of the connection, which are the pool's", () =>
    Effect.gen(function*() {
      const { origin, ours } = yield* start
      const response = yield* Effect.promise(() =>
        ours(`${origin}/echo`, {
          headers: {
            host: "elsewhere.example.com",
            connection: "close",
            "keep-alive": "timeout=1",
            "content-length": "9"
          }
        })
      )
      const { headers } = yield* Effect.flatMap(
        Effect.promise(() => response.json()),
        Schema.decodeUnknown(Echoed)
      )
      assert.deepStrictEqual(
        [headers["host"], headers["connection"], headers["keep-alive"], headers["content-length"]],
        [new URL(origin).host, "keep-alive", undefined, undefined]
      )
    }))

  it.scopedLive("bytes are the caller's again once it has returned", () =>
    Effect.gen(function*() {
      const { origin, ours } = yield* start
      const body = textOf("before")
      const answer = ours(`${origin}/echo`, { method: "POST", body })
      body.fill(0)
      const { body: sent } = yield* Effect.flatMap(
        Effect.promise(() => answer.then((response) => response.json())),
        Schema.decodeUnknown(Echoed)
      )
      assert.strictEqual(sent, "before")
    }))

  const refused: { readonly [name: string]: Input } = {
    "GET with a body": (url) => [url, { body: "x" }],
    "HEAD with a body": (url) => [url, { method: "HEAD", body: "x" }],
    "TRACE": (url) => [url, { method: "trace" }],
    "a stream without duplex": (url) => [url, { method: "POST", body: stream() }],
    "a name of a header": (url) => [url, { headers: { "a b": "1" } }],
    "a value of a header": (url) => [url, { headers: { a: "你" } }],
    "a header of two lines": (url) => [url, { headers: { a: "1\r\nb: 2" } }],
    "a method that is none": (url) => [url, { method: "A B" }],
    "a scheme": () => ["ftp://127.0.0.1/"],
    "what is no URL": () => ["/relative"],
    "credentials in the URL": (url) => [url.replace("//", "//user:word@")],
    "a word for redirect": (url) => [url, { redirect: "perhaps" }]
  }

  it.scopedLive("and what cannot be asked for is refused with a TypeError, before any I/O", () =>
    Effect.gen(function*() {
      const { origin, ours, stats, theirs } = yield* start
      const used = new Request(origin, { method: "POST", body: "x" })
      yield* Effect.promise(() => used.text())
      const cases: typeof refused = { ...refused, "a Request that is used": () => [used] }
      for (const [name, input] of Object.entries(cases)) {
        for (const fetch of [ours, theirs]) {
          const error = yield* Effect.flip(Effect.tryPromise({
            try: () => fetch(...input(origin)),
            catch: (error) => error
          }))
          assert.instanceOf(error, TypeError, name)
        }
      }
      assert.strictEqual((yield* stats).acquired, 0)
    }))
})

describe("a response of fetch is the same as Node's", () => {
  const look = async (response: Response) => {
    const { ok, redirected, status, statusText, type, url } = response
    const headers: Array<readonly [string, string]> = []
    response.headers.forEach((value, name) => {
      if (!/^(?:date|connection|keep-alive)$/.test(name)) headers.push([name, value])
    })
    const isNothing = response.body === null
    const copy = response.clone()
    const text = await response.text()
    assert.strictEqual(await copy.text(), text)
    assert.deepStrictEqual(
      [copy.url, copy.status, copy.redirected, copy.type, copy instanceof Response],
      [url, status, redirected, type, true]
    )
    return { ok, redirected, status, statusText, type, url, headers, isNothing, text, bodyUsed: response.bodyUsed }
  }

  it.scopedLive("in all that can be seen of it", () =>
    Effect.gen(function*() {
      const { origin, ours, stats, theirs } = yield* start
      const paths = [
        ...["echo#hash", "cookies", "odd", "gzip", "br", "twice", "nothing", "nowhere", "to/301", "to/302", "to/307"],
        ...[200, 201, 204, 205, 206, 304, 400, 404, 500, 599].map((status) => `status/${status}`)
      ]
      const calls = [
        ...paths.map((path) => [path, {}] as const),
        ...["echo", "status/404", "gzip", "to/308"].map((path) => [path, { method: "HEAD" }] as const),
        ["to/303", { redirect: "manual" }] as const,
        ["to/302", { method: "POST", redirect: "manual" }] as const
      ]
      for (const [path, init] of calls) {
        // What was sent is another test's, and Node sends more headers.
        const seen = (fetch: Fetch.Service) =>
          Effect.map(Effect.promise(() => fetch(`${origin}/${path}`, init).then(look)), (shown) => ({
            ...shown,
            headers: shown.headers.filter(([name]) => name !== "content-length" || !/echo|to/.test(path)),
            text: /^echo|^to/.test(path) && shown.text.startsWith("{") ? "echoed" : shown.text
          }))
        assert.deepStrictEqual(yield* seen(ours), yield* seen(theirs), `${JSON.stringify(init)} ${path}`)
      }
      const cookies = yield* Effect.promise(() => ours(`${origin}/cookies`))
      assert.deepStrictEqual(cookies.headers.getSetCookie(), ["a=1; Path=/", "b=2"])
      assertAllBack(yield* stats)
    }))

  it.scopedLive("also in its failures", () =>
    Effect.gen(function*() {
      const { origin, ours, stats, theirs } = yield* start
      const failing: ReadonlyArray<readonly [string, object]> = [
        ["round", {}],
        ["lost", {}],
        ["to/302", { redirect: "error" }],
        ["to/302", { method: "POST", redirect: "error" }],
        ["notgzip", {}]
      ]
      for (const [path, init] of failing) {
        const failure = (fetch: Fetch.Service) =>
          Effect.flip(Effect.tryPromise({
            try: () => fetch(`${origin}/${path}`, init).then((response) => response.text()),
            catch: (error) => error as TypeError
          }))
        const [mine, node] = [yield* failure(ours), yield* failure(theirs)]
        assert.deepStrictEqual([mine.name, mine.message], [node.name, node.message], path)
        assert.isDefined(mine.cause)
      }
      assert.strictEqual((yield* stats).inFlight, 0)
    }))

  it.scopedLive("in the bytes that it gives into a buffer of the reader's", () =>
    Effect.gen(function*() {
      const { origin, ours } = yield* start
      const read = (fetch: Fetch.Service) =>
        Effect.promise(async () => {
          const { body } = await fetch(`${origin}/status/200`)
          const reader = body!.getReader({ mode: "byob" })
          const parts: Array<number> = []
          for (;;) {
            const { done, value } = await reader.read(new Uint8Array(4))
            if (done) return parts
            parts.push(...value)
          }
        })
      assert.deepStrictEqual(yield* read(ours), [...textOf("body of it")])
    }))
})
