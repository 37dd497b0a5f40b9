/**
 * What the option `rateLimit` costs beside a call, in CPU of one process: `npx tsx packages/client/test/rateLimit/cost.main.ts`.
 *
 * `tsx` gives each function a name when it is made, which costs more here than what is measured: for figures, bundle the program with
 * esbuild (`--bundle --platform=node --format=esm`) and run that.
 *
 * The calls go to an `HttpClient` that answers from memory, so that there is little beside the client itself. All variants are
 * measured in turns, in one run, and the middle of the rounds is told.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import type * as RateLimit from "../../src/RateLimit.js"

const rounds = 15
const calls = 20_000

const answer = JSON.stringify({
  output: { choices: [{ finish_reason: "stop", message: { role: "assistant", content: "Good morning!" } }] },
  usage: { input_tokens: 9, output_tokens: 3, total_tokens: 12 },
  request_id: "8d2f3c1e-0000-4000-8000-000000000001"
})

const fromMemory = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request) =>
    Effect.sync(() =>
      HttpClientResponse.fromWeb(request, new Response(answer, { headers: { "content-type": "application/json" } }))
    )
  )
)

const request: DashScopeClient.Request = {
  path: "/services/aigc/text-generation/generation",
  body: {
    model: "qwen-plus",
    input: { messages: [{ role: "user", content: "Good morning, how are you today?" }] },
    parameters: { result_format: "message" }
  }
}

/** None of them lets a call wait. */
const variants: Readonly<Record<string, RateLimit.Options | undefined>> = {
  "without": undefined,
  "requests per minute": { quotas: [{ requestsPerMinute: 1e9 }] },
  "requests and tokens per minute": { quotas: [{ requestsPerMinute: 1e9, tokensPerMinute: 1e12 }] },
  "the same and concurrency": { quotas: [{ requestsPerMinute: 1e9, tokensPerMinute: 1e12, concurrency: 1000 }] }
}

const clientOf = (rateLimit: RateLimit.Options | undefined) =>
  DashScopeClient.make({ apiKey: "sk-cost", ...(rateLimit === undefined ? undefined : { rateLimit }) }).pipe(
    Effect.provide(fromMemory)
  )

const median = (values: ReadonlyArray<number>): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

const program = Effect.gen(function*() {
  const micros = new Map<string, Array<number>>()
  const clients = yield* Effect.forEach(
    Object.entries(variants),
    ([name, options]) => Effect.map(clientOf(options), (client) => [name, client] as const)
  )
  for (let round = -2; round < rounds; round++) {
    for (const [name, client] of clients) {
      const call = client.execute(request)
      const before = process.cpuUsage()
      for (let i = 0; i < calls; i += 100) {
        yield* Effect.forEach(Array.from({ length: 100 }), () => call, { discard: true })
      }
      const { system, user } = process.cpuUsage(before)
      if (round >= 0) micros.set(name, [...micros.get(name) ?? [], (system + user) / calls])
    }
  }
  const without = median(micros.get("without") ?? [])
  for (const [name, values] of micros) {
    const all = median(values)
    console.log(`${name}: ${all.toFixed(2)} µs a call, ${(all - without).toFixed(2)} µs beside`)
  }
})

void Effect.runPromise(Effect.withTracerEnabled(program, false))
