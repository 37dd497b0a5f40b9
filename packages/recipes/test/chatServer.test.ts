import { HttpServer } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Schedule, type Scope } from "effect"
import { type ConnectionConfig, ConnectionPool } from "effect-dashscope"
import { Simulator } from "effect-dashscope-simulator"
import { execFileSync } from "node:child_process"
import { launch } from "puppeteer-core"
import { ChatServer } from "../src/chat-server/server.js"
import { dashScope, eventsOf, http } from "./support.js"

const withServer = <A, E>(
  use: (
    address: string,
    simulator: Simulator.Service
  ) => Effect.Effect<A, E, ConnectionPool.ConnectionPool | Scope.Scope>,
  behavior: Simulator.Options["behavior"] = {},
  connection: ConnectionConfig.Input = {}
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ behavior })
    const server = ChatServer.pipe(
      Layer.provideMerge(http),
      Layer.provideMerge(dashScope(simulator, connection)),
      Layer.provide(Logger.remove(Logger.defaultLogger))
    )
    // The server waits for its visitors to leave: they have a scope of their own.
    const visits = Effect.scoped(HttpServer.addressFormattedWith((address) => use(address, simulator)))
    return yield* Effect.provide(visits, server)
  })

const ask = (address: string, signal?: AbortSignal) =>
  Effect.promise(() =>
    fetch(`${address}/ask`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ role: "user", content: "Why is the sky blue?" }] }),
      ...(signal === undefined ? undefined : { signal })
    })
  )

const allEvents = (response: Response) =>
  Effect.promise(async () => {
    const events: Array<{ readonly event: string; readonly data: unknown }> = []
    for await (const event of eventsOf(response)) events.push(event)
    return events
  })

const freed = Effect.repeat(ConnectionPool.stats, {
  until: ({ inFlight }) => inFlight === 0,
  schedule: Schedule.spaced("5 millis")
})

describe("the chat server", () => {
  it.scopedLive("streams the answer as events, the last of which says that it is whole", () =>
    withServer((address, simulator) =>
      Effect.gen(function*() {
        const response = yield* ask(address)
        assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
        const events = yield* allEvents(response)
        assert.deepStrictEqual(events.at(-1), { event: "done", data: {} })
        const texts = events.slice(0, -1)
        assert.isTrue(texts.every(({ event }) => event === "text"))
        assert.include(texts.map(({ data }) => data).join(""), "Why is the sky blue?")
        const { body } = (yield* simulator.requests)[0]!
        assert.deepStrictEqual((JSON.parse(body) as { input: unknown }).input, {
          messages: [{ role: "user", content: "Why is the sky blue?" }]
        })
      })
    ))

  it.scopedLive("gives the permit back when the visitor leaves", () =>
    withServer(
      (address, simulator) =>
        Effect.gen(function*() {
          const leaving = new AbortController()
          const response = yield* ask(address, leaving.signal)
          yield* Effect.promise(() => eventsOf(response).next())
          assert.strictEqual((yield* ConnectionPool.stats).inFlight, 1)
          leaving.abort()
          yield* freed
          yield* simulator.waitFor(({ abortedRequests, requestsInFlight }) =>
            abortedRequests === 1 && requestsInFlight === 0
          )
        }),
      { stream: { events: 10_000, eventInterval: 5 } }
    ))

  it.scopedLive("says 503 where no more may wait", () =>
    withServer(
      (address) =>
        Effect.gen(function*() {
          const leaving = new AbortController()
          const first = yield* ask(address, leaving.signal)
          const second = yield* ask(address)
          assert.strictEqual(second.status, 503)
          assert.strictEqual(((yield* Effect.promise(() => second.json())) as { _tag: string })._tag, "Busy")
          leaving.abort()
          yield* Effect.ignore(Effect.tryPromise(() => first.text()))
          yield* freed
        }),
      { stream: { events: 10_000, eventInterval: 5 } },
      { maximumAsyncRequests: 1, maximumPendingRequests: 0 }
    ))

  it.scopedLive("says 502, and not why, where the service refuses", () =>
    withServer(
      (address) =>
        Effect.gen(function*() {
          const response = yield* ask(address)
          assert.strictEqual(response.status, 502)
          assert.notInclude(yield* Effect.promise(() => response.text()), "secret")
        }),
      { error: { status: 401, message: "secret" } }
    ))

  it.scopedLive("tells in an event of its own that the answer broke off", () =>
    withServer(
      (address) =>
        Effect.gen(function*() {
          const events = yield* allEvents(yield* ask(address))
          assert.deepStrictEqual(events.map(({ event }) => event), ["text", "text", "failed"])
        }),
      { stream: { events: 10, resetAfterEvents: 2, eventInterval: 5 } }
    ))
})

const chromium = ["chromium", "chromium-browser", "google-chrome"].map((name) => {
  try {
    return execFileSync("which", [name], { encoding: "utf8", stdio: "pipe" }).trim()
  } catch {
    return ""
  }
}).find((path) => path !== "")

if (chromium === undefined) console.warn("chatServer.test.ts: no Chromium here; the page is not tried in a browser")

describe.skipIf(chromium === undefined)("the page of the chat server, in a browser", () => {
  const browser = Effect.acquireRelease(
    Effect.promise(() =>
      launch({ executablePath: chromium!, headless: true, args: ["--no-sandbox", "--disable-gpu"] })
    ),
    (browser) => Effect.promise(() => browser.close())
  )

  const askOn = (address: string) =>
    Effect.flatMap(browser, (browser) =>
      Effect.promise(async () => {
        const page = await browser.newPage()
        await page.goto(address)
        await page.type("#prompt", "Why is the sky blue?")
        await page.keyboard.press("Enter")
        return page
      }))

  it.scopedLive("shows tokens as they come, all of them in the end", () =>
    withServer(
      (address) =>
        Effect.gen(function*() {
          const page = yield* askOn(address)
          const lengths = yield* Effect.promise(() =>
            page.evaluate(() =>
              new Promise<Array<number>>((resolve) => {
                const seen: Array<number> = []
                new MutationObserver(() => {
                  const length = document.querySelector(".assistant")?.textContent?.length ?? 0
                  if (length !== seen.at(-1)) seen.push(length)
                  if (document.body.dataset["done"] === "true") resolve(seen)
                }).observe(document.body, { attributes: true, childList: true, subtree: true })
              })
            )
          )
          // It grew, in more than one step.
          assert.isAbove(lengths.length, 3)
          assert.deepStrictEqual(lengths, [...lengths].sort((a, b) => a - b))
          const text = yield* Effect.promise(() => page.$eval(".assistant", (element) => element.textContent))
          assert.strictEqual(text?.length, lengths.at(-1))
          assert.strictEqual(lengths.at(-1), 30 * 4)
        }),
      { stream: { events: 30, eventInterval: 30 } }
    ), 60_000)

  it.scopedLive("frees the permit when its tab is closed", () =>
    withServer(
      (address, simulator) =>
        Effect.gen(function*() {
          const page = yield* askOn(address)
          yield* Effect.promise(() =>
            page.waitForFunction(() => (document.querySelector(".assistant")?.textContent?.length ?? 0) > 0, {
              polling: 50
            })
          )
          assert.strictEqual((yield* ConnectionPool.stats).inFlight, 1)
          yield* Effect.promise(() => page.close())
          yield* freed
          yield* simulator.waitFor(({ abortedRequests, requestsInFlight }) =>
            abortedRequests === 1 && requestsInFlight === 0
          )
        }),
      { stream: { events: 100_000, eventInterval: 5 } }
    ), 60_000)
})
