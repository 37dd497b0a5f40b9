import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { metricsOf } from "../../src/internal/observe/hostMetrics.js"
import { countsOf, metrics } from "../util/platform.js"
import { forgetHosts } from "../util/support.js"

const origin = (port: number) => ({ protocol: "http:", hostname: "many.test", port })

beforeEach(() => Effect.runSync(forgetHosts))
afterEach(() => Effect.runSync(forgetHosts))

describe("the metrics of many hosts", () => {
  it.effect("stop growing, and lose no count", () =>
    Effect.gen(function*() {
      const use = (port: number) => {
        const ofHost = metricsOf(`http://many.test:${port}`, () => origin(port))
        ofHost.addInFlight(1)
        ofHost.requestEnded("GET", 200, undefined, 1)
        return ofHost
      }
      assert.strictEqual(use(1), use(1))
      for (let port = 2; port < 1000; port++) use(port)
      const before = yield* metrics
      for (let port = 1000; port < 3000; port++) use(port)
      assert.strictEqual(yield* metrics, before)
      assert.strictEqual(use(2999), use(2998))
      const counts = yield* countsOf("http.client.active_requests")
      assert.strictEqual(counts.reduce((sum, count) => sum + count, 0), 3002)
    }))

  it.effect("are bounded too where a server thinks of statuses", () =>
    Effect.gen(function*() {
      const ofHost = metricsOf("http://many.test:1", () => origin(1))
      for (let status = 200; status < 400; status++) ofHost.requestEnded("GET", status, undefined, 1)
      const before = yield* metrics
      for (let status = 400; status < 999; status++) ofHost.requestEnded("GET", status, String(status), 1)
      assert.strictEqual(yield* metrics, before)
    }))
})
