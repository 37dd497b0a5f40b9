import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { readFileSync } from "node:fs"
import { compared, sdks } from "../src/internal/compared.js"
import type { Request } from "../src/internal/differences.js"
import { differences, find, matches, parseListed } from "../src/internal/differences.js"
import { checkListed } from "../src/internal/wire.js"

const request = (overrides: Partial<Request> = {}): Request => ({
  method: "POST",
  path: "/api/v1/services",
  headers: { accept: "application/json", host: "127.0.0.1:1" },
  body: "{\"model\":\"qwen-plus\",\"input\":{\"messages\":[{\"content\":\"你好\"}]}}",
  ...overrides
})

const json = (body: unknown): Request => request({ body: JSON.stringify(body) })

describe("differences", () => {
  it("sees none in another spelling of the same", () => {
    const other = request({
      headers: { accept: "application/json", host: "127.0.0.1:2", connection: "close", "content-length": "7" },
      body: "{ \"input\": {\"messages\": [{\"content\": \"\\u4f60\\u597d\"}]}, \"model\": \"qwen-plus\" }"
    })
    assert.deepStrictEqual(differences(request(), other), [])
  })

  it("sees method, path and headers", () => {
    const other = request({ method: "GET", path: "/", headers: { "x-one": "1" } })
    assert.deepStrictEqual(differences(request(), other), [
      { where: "method", ours: "POST", theirs: "GET" },
      { where: "path", ours: "/api/v1/services", theirs: "/" },
      { where: "header accept", ours: "application/json", theirs: undefined },
      { where: "header x-one", ours: undefined, theirs: "1" }
    ])
  })

  it("sees where in the body", () => {
    const ours = { a: { b: [1, { c: null }] }, d: 1 }
    const theirs = { a: { b: [1, {}, 2] }, d: "1" }
    assert.deepStrictEqual(differences(json(ours), json(theirs)), [
      { where: "body.a.b[1].c", ours: "null", theirs: undefined },
      { where: "body.a.b[2]", ours: undefined, theirs: "2" },
      { where: "body.d", ours: "1", theirs: "\"1\"" }
    ])
  })

  it("sees none in another order of a query and a form, nor in another boundary", () => {
    const form = (boundary: string, ...parts: ReadonlyArray<string>) =>
      request({
        headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
        body: [
          ...parts.map((part) => `--${boundary}\r\nContent-Disposition: form-data; ${part}\r\n`),
          `--${boundary}--\r\n`
        ].join("")
      })
    const [field, file] = [
      "name=\"a\"\r\n\r\n1",
      "name=\"f\"; filename=\"x\"\r\nContent-Type: text/plain\r\n\r\na\r\n\r\nb"
    ]
    assert.deepStrictEqual(differences(form("one", field, file), form("two", file, field)), [])
    assert.deepStrictEqual(differences(request({ path: "/a?b=1&c=2" }), request({ path: "/a?c=2&b=1" })), [])
    assert.deepStrictEqual(
      differences(form("one", field, file), form("two", file.replace("text", "image"), field, field)),
      [
        { where: "body.a", ours: "\"1\"", theirs: "[\"1\",\"1\"]" },
        { where: "body.f.type", ours: "\"text/plain\"", theirs: "\"image/plain\"" }
      ]
    )
    assert.deepStrictEqual(differences(request({ path: "/a?b=1" }), request({ path: "/a?b=2&c=" })), [
      { where: "query.b", ours: "\"1\"", theirs: "\"2\"" },
      { where: "query.c", ours: undefined, theirs: "\"\"" }
    ])
  })

  it("sees bodies that are not JSON", () => {
    assert.deepStrictEqual(differences(request({ body: "a" }), request({ body: "b" })), [
      { where: "body", ours: "\"a\"", theirs: "\"b\"" }
    ])
  })

  it("sees some if and only if two values are different, and the same from either side", () => {
    FastCheck.assert(FastCheck.property(FastCheck.jsonValue(), FastCheck.jsonValue(), (left, right) => {
      const seen = differences(json(left), json(right))
      const same = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))
      assert.strictEqual(seen.length === 0, same)
      assert.deepStrictEqual(
        new Set(differences(json(right), json(left)).map(({ where }) => where)),
        new Set(seen.map(({ where }) => where))
      )
      assert.deepStrictEqual(differences(json(left), json(left)), [])
    }))
  })
})

/** With the fields of objects in order. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]))
    : value

const markdown = `
## Others
| a | b |
## Known
Words.

| Where | SDKs | Cases | Ours | Official | Why |
|---|---|---|---|---|---|
| \`header a.b\` | Java, Python sync | all | — | \`1.*; x\` | Because. |
| \`body.x\` | all | streams | \`{"a": [1]}\` | — | Because. |
| \`body.y\` | all | chat, tools | \`true\` | \`false\` | Because. |

| Not this | one |
`

describe("the list", () => {
  const rows = parseListed(markdown, "## Known")
  const at = (sdk: string, name: string, stream = false) => ({ sdk, case: name, stream })

  it("is read", () => {
    assert.deepStrictEqual(rows.map(({ where }) => where), ["header a.b", "body.x", "body.y"])
    assert.deepStrictEqual(rows[0]?.sdks, ["Java", "Python sync"])
    assert.deepStrictEqual([rows[1]?.ours, rows[1]?.theirs], ["{\"a\": [1]}", undefined])
  })

  it("is refused where it is no list", () => {
    assert.throws(() => parseListed(markdown, "## Unknown"), /There is no heading/)
    assert.throws(() => parseListed("## A\n|a|\n|---|\n| only | three | cells |", "## A"), /Not a row of six cells/)
  })

  it("allows what it says, where it says it", () => {
    const difference = { where: "header a.b", ours: undefined, theirs: "1.26.2; x" }
    const [row] = rows
    assert.isDefined(row)
    assert.strictEqual(find(rows, difference, at("Java", "chat")), row)
    assert.isUndefined(find(rows, difference, at("Python async", "chat")))
    assert.isUndefined(find(rows, { ...difference, theirs: "1x26; x" }, at("Java", "chat")))
    assert.isUndefined(find(rows, { ...difference, ours: "1.26.2; x" }, at("Java", "chat")))
    assert.isUndefined(find(rows, { ...difference, where: "header a-b" }, at("Java", "chat")))
    const streamed = { where: "body.x", ours: "{\"a\": [1]}", theirs: undefined }
    assert.strictEqual(find(rows, streamed, at("Java", "s", true)), rows[1])
    assert.isUndefined(find(rows, streamed, at("Java", "s")))
    assert.strictEqual(
      find([{ ...row, sdks: ["Ja*"], cases: ["ch*"] }], difference, at("Java", "chat"))?.where,
      row.where
    )
    assert.isUndefined(find([{ ...row, sdks: ["Ja*"], cases: ["ch*"] }], difference, at("Java", "tools")))
    const named = { where: "body.y", ours: "true", theirs: "false" }
    assert.strictEqual(find(rows, named, at("Java", "tools")), rows[2])
    assert.isUndefined(find(rows, named, at("Java", "json")))
  })

  it("is itself checked: each row is seen with every SDK and case that it names", () => {
    const found = (sdk: string, name: string, row: number) => ({
      where: "",
      ours: undefined,
      theirs: undefined,
      sdk,
      case: name,
      listed: rows[row]
    })
    const seen = [found("Java", "chat", 0), found("Java", "s", 1), found("Java", "chat", 2)]
    const checks = checkListed(rows, seen, ["Java", "Python sync"])
    assert.deepStrictEqual(checks.map(({ problem }) => problem), [
      "listed, but not seen: Python sync",
      "listed, but not seen: Python sync",
      "listed, but not seen: Python sync, tools"
    ])
    // What did not run is not missed.
    assert.deepStrictEqual(checkListed(rows, seen, ["Java"]).map(({ problem }) => problem), [
      undefined,
      undefined,
      "listed, but not seen: tools"
    ])
    assert.deepStrictEqual(checkListed(rows, [], []), [])
  })

  it("of the README names cases and SDKs that there are", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
    const listed = parseListed(readme, "## Known differences of requests")
    const of = (known: ReadonlyArray<string>) => (pattern: string) => !known.some((name) => matches(pattern, name))
    const names = ["all", "calls", "streams", ...compared.map(({ name }) => name)]
    assert.isAbove(listed.length, 0)
    assert.deepStrictEqual(listed.flatMap((row) => row.cases.filter(of(names))), [])
    assert.deepStrictEqual(listed.flatMap((row) => row.sdks.filter(of(["all", ...sdks]))), [])
  })
})

describe("cases", () => {
  it("have names of their own that can be part of a key", () => {
    assert.strictEqual(new Set(compared.map(({ name }) => name)).size, compared.length)
    assert.deepStrictEqual(compared.filter(({ name }) => !/^[a-z0-9-]+$/.test(name)), [])
  })
})
