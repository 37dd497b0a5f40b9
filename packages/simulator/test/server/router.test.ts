import { assert, describe, it } from "@effect/vitest"
import type { Answer } from "../../src/internal/server/answer.js"
import { raw } from "../../src/internal/server/answer.js"
import type { Route } from "../../src/internal/server/route.js"
import { dialectOf, Router } from "../../src/internal/server/router.js"
import { part, State } from "../../src/internal/server/state.js"

const route = (method: Route["method"], pattern: string): Route => ({
  method,
  pattern,
  serve: () => raw(200, "", `${method} ${pattern}`)
})

const router = new Router([
  route("POST", "/api/v1/tokenizer"),
  route("GET", "/api/v1/tasks"),
  route("GET", "/api/v1/tasks/{id}"),
  route("DELETE", "/api/v1/tasks/{id}"),
  route("POST", "/api/v1/tasks/{id}/cancel"),
  route("GET", "/api/v1/tasks/outputs/{file}"),
  route("GET", "/api-ws/v1/inference"),
  route("POST", "/compatible-mode/v1/chat/completions")
])

const found = (method: string, path: string): string => {
  const given = router.find(method, path)
  return "route" in given
    ? `${given.route.method} ${given.route.pattern} ${JSON.stringify(given.params)}`
    : refused(given)
}

const refused = (answer: Answer): string => answer._tag === "Failure" ? `${answer.status} ${answer.code}` : answer._tag

describe("the router", () => {
  it("finds whole paths and patterns, on any base", () => {
    assert.strictEqual(found("POST", "/api/v1/tokenizer"), "POST /api/v1/tokenizer {}")
    assert.strictEqual(found("GET", "/api/v1/tasks"), "GET /api/v1/tasks {}")
    assert.strictEqual(found("GET", "/api/v1/tasks/"), "GET /api/v1/tasks {}")
    assert.strictEqual(found("GET", "/api/v1/tasks/1"), "GET /api/v1/tasks/{id} {\"id\":\"1\"}")
    assert.strictEqual(found("GET", "/api/v1/tasks/1/"), "GET /api/v1/tasks/{id} {\"id\":\"1\"}")
    assert.strictEqual(found("DELETE", "/api/v1/tasks/a%2Fb"), "DELETE /api/v1/tasks/{id} {\"id\":\"a/b\"}")
    assert.strictEqual(found("POST", "/api/v1/tasks/1/cancel"), "POST /api/v1/tasks/{id}/cancel {\"id\":\"1\"}")
    assert.strictEqual(found("GET", "/api/v1/tasks/%E0%A4%A"), "GET /api/v1/tasks/{id} {\"id\":\"%E0%A4%A\"}")
    assert.strictEqual(found("GET", "/api-ws/v1/inference"), "GET /api-ws/v1/inference {}")
    assert.include(found("POST", "/compatible-mode/v1/chat/completions"), "chat")
  })

  it("says what is wrong where there is nothing", () => {
    assert.strictEqual(found("GET", "/api/v1/nothing"), "404 NotFound")
    assert.strictEqual(found("GET", "/api/v1/tasks/1/2/3"), "404 NotFound")
    assert.strictEqual(found("GET", "/"), "404 NotFound")
    assert.strictEqual(found("GET", ""), "404 NotFound")
    assert.strictEqual(found("GET", "/api/v1/tokenizer"), "400 InvalidParameter")
    assert.strictEqual(found("PUT", "/api/v1/tasks/1"), "400 InvalidParameter")
  })

  it("knows the dialect of a base", () => {
    assert.strictEqual(dialectOf("/compatible-mode/v1/models"), "openai")
    assert.strictEqual(dialectOf("/compatible-api/v1/reranks"), "openai")
    assert.strictEqual(dialectOf("/api/v1/models"), "native")
  })
})

describe("the state", () => {
  it("is each simulator's own, part by part", () => {
    const counters = part(() => ({ count: 0 }))
    const others = part(() => ({ count: 10 }))
    const [one, two] = [new State(), new State()]
    counters(one).count++
    assert.strictEqual(counters(one).count, 1)
    assert.strictEqual(counters(two).count, 0)
    assert.strictEqual(others(one).count, 10)
    assert.strictEqual(one.nextId("task"), two.nextId("task"))
    assert.notStrictEqual(one.nextId("task"), one.nextId("task"))
  })
})
