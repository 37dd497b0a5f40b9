import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Endpoint from "../src/Endpoint.js"

describe("an endpoint", () => {
  const good: ReadonlyArray<readonly [Endpoint.Endpoint, string]> = [
    ["beijing", "https://dashscope.aliyuncs.com/api/v1"],
    ["singapore", "https://dashscope-intl.aliyuncs.com/api/v1"],
    ["virginia", "https://dashscope-us.aliyuncs.com/api/v1"],
    ["hongkong", "https://cn-hongkong.dashscope.aliyuncs.com/api/v1"],
    ["finance", "https://dashscope-finance.aliyuncs.com/api/v1"],
    [{ workspaceId: "llm-abc123", region: "cn-beijing" }, "https://llm-abc123.cn-beijing.maas.aliyuncs.com/api/v1"],
    [{ workspaceId: "LLM_9-a", region: "eu-central-1" }, "https://LLM_9-a.eu-central-1.maas.aliyuncs.com/api/v1"],
    [{ workspaceId: "trial", region: "ap-northeast-1" }, "https://trial.ap-northeast-1.maas.aliyuncs.com/api/v1"],
    ["https://gateway.test/api/v1", "https://gateway.test/api/v1"],
    ["https://gateway.test/services", "https://gateway.test/services"],
    ["https://gateway.test/api/v1/", "https://gateway.test/api/v1"],
    ["https://gateway.test/api/v1//", "https://gateway.test/api/v1/"],
    ["https://gateway.test/proxy/dashscope", "https://gateway.test/proxy/dashscope"],
    ["https://gateway.test", "https://gateway.test/api/v1"],
    ["http://127.0.0.1:8080/", "http://127.0.0.1:8080/api/v1"],
    ["http://[::1]:8080", "http://[::1]:8080/api/v1"]
  ]

  it.each(good)("%j is %s", (endpoint, url) => {
    assert.deepStrictEqual(Endpoint.toBaseUrl(endpoint), Either.right(url))
  })

  const bad: ReadonlyArray<readonly [Endpoint.Endpoint, string]> = [
    ["", "neither a URL"],
    ["tokyo", "neither a URL"],
    ["constructor", "neither a URL"],
    ["dashscope.aliyuncs.com", "neither a URL"],
    ["https://gate way.test", "neither a URL"],
    ["https://gateway.test/\r\nHost: evil.test", "neither a URL"],
    ["ftp://gateway.test", "https:// or http://"],
    ["javascript:alert(1)", "https:// or http://"],
    ["https://ada:hunter22@gateway.test", "no password"],
    ["https://gateway.test/?key=hunter22", "no query"],
    ["https://gateway.test/#hunter22", "no fragment"],
    [{ workspaceId: "a.evil.test/", region: "cn-beijing" }, "workspaceId"],
    [{ workspaceId: "", region: "cn-beijing" }, "workspaceId"],
    [{ workspaceId: "-a", region: "cn-beijing" }, "workspaceId"],
    [{ workspaceId: "a".repeat(65), region: "cn-beijing" }, "workspaceId"],
    [{ region: "cn-beijing" } as unknown as Endpoint.Endpoint, "workspaceId"],
    [{ workspaceId: "llm-abc" } as unknown as Endpoint.Endpoint, "region"],
    [null as unknown as Endpoint.Endpoint, "a region, a URL"],
    [7 as unknown as Endpoint.Endpoint, "a region, a URL"],
    [{ workspaceId: "llm-abc", region: "cn_beijing" }, "region"]
  ]

  it.each(bad)("%j is refused: %s", (endpoint, words) => {
    const problem = Either.getOrThrow(Either.flip(Endpoint.toBaseUrl(endpoint)))
    assert.include(problem, words)
    assert.notInclude(problem, "hunter22")
  })

  it.each([
    ["https://dashscope.aliyuncs.com/compatible-mode/v1", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://dashscope-intl.aliyuncs.com/compatible-api/v1/reranks", "https://dashscope-intl.aliyuncs.com/api/v1"],
    ["https://dashscope.aliyuncs.com/apps/anthropic", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://dashscope.aliyuncs.com/api-ws/v1/inference", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://coding-intl.dashscope.aliyuncs.com/v1", "https://coding-intl.dashscope.aliyuncs.com/api/v1"],
    [
      "https://dashscope.aliyuncs.com/api/v1/services/aigc/text-generation/generation",
      "https://dashscope.aliyuncs.com/api/v1"
    ],
    ["https://dashscope.aliyuncs.com/api/v1/apps/1/completion", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://dashscope.aliyuncs.com/api/v1/tasks/1", "https://dashscope.aliyuncs.com/api/v1"],
    ["http://127.0.0.1:8080/compatible-mode/v1", "http://127.0.0.1:8080/api/v1"],
    ["https://gateway.test/qwen/api/v1/files", "https://gateway.test/qwen/api/v1"],
    ["https://gateway.test/v1/chat/completions", "https://gateway.test/api/v1"]
  ])("%s is not the native API's: the remedy is %s", (endpoint, remedy) => {
    const problem = Either.getOrThrow(Either.flip(Endpoint.toBaseUrl(endpoint)))
    assert.include(problem, `"${remedy}"`)
    assert.include(problem, "endpoint")
    assert.deepStrictEqual(Endpoint.toBaseUrl(remedy), Either.right(remedy))
  })

  it("that is accepted takes a path as it is", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.oneof(FastCheck.webUrl({ withFragments: false }), FastCheck.string()), (url) => {
        Either.match(Endpoint.toBaseUrl(url), {
          onLeft: (problem) => assert.isAbove(problem.length, 0),
          onRight: (base) => assert.strictEqual(new URL(`${base}/services/x`).href, `${base}/services/x`)
        })
      })
    )
  })
})
