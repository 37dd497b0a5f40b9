import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { bundle } from "../../../scripts/bundle.js"
import { isThorough } from "../../../scripts/thorough.js"
import { absent, interruptedCode } from "./util/line.js"

const folder = new URL("../src/", import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith(".ts"))

/** Those that `npm test` runs. All are run by `npm run thorough`. */
const share: ReadonlyArray<string> = ["quickstart", "tools"]

const needed = isThorough ? files : [...share, "many-calls"].map((name) => `${name}.ts`)
const programs = await bundle(...needed.map((file) => new URL(file, folder)))
afterAll(programs.remove)

/** A child that has not ended by itself after this time is killed, and its test fails. */
const patienceMillis = 50_000

interface Ended {
  /** `null` where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly args?: ReadonlyArray<string>
  /** On top of an environment without a key, a home or a terminal. */
  readonly variables?: Readonly<Record<string, string>>
  /** What is written to its standard input, which then stays open. Default: an empty one. */
  readonly input?: string
  /** Sends the signal of Ctrl-C as soon as this is in the output. */
  readonly interruptAt?: RegExp
  /** Kills it as soon as this is in the output. */
  readonly killAt?: RegExp
}

/** Runs an example as its own process, to its end. */
const run = (name: string, { args = [], input, interruptAt, killAt, variables = {} }: RunOptions = {}) =>
  Effect.async<Ended>((resume) => {
    const child = spawn(
      process.execPath,
      [programs.path(name), ...args],
      {
        stdio: "pipe",
        env: { PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter), ...variables },
        timeout: patienceMillis,
        killSignal: "SIGKILL"
      }
    )
    if (input === undefined) child.stdin.end()
    else child.stdin.write(input)
    let stdout = ""
    let stderr = ""
    let interrupted = false
    const check = () => {
      if (killAt?.test(stdout) === true) child.kill("SIGKILL")
      if (interruptAt === undefined || interrupted || !interruptAt.test(stdout + stderr)) return
      interrupted = true
      child.kill("SIGINT")
    }
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      check()
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      check()
    })
    child.once("error", (error) => resume(Effect.die(error)))
    child.once("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const assertMatches = (text: string, patterns: ReadonlyArray<RegExp>) => {
  for (const pattern of patterns) assert.match(text, pattern)
}

/** What each example prints. One that is not here has no test, so it fails the first test below. */
const expected: Readonly<Record<string, ReadonlyArray<RegExp>>> = {
  quickstart: [
    /^Asking: +the simulator/m,
    /^Question: 你是谁？$/m,
    /^Answer: +我是通义千问/m,
    /^Usage: +\d+ tokens in, \d+ out, \d+ in all$/m,
    /^Pool: +open 1 .* opened 1, acquired 1, reused 0, waited 0/m
  ],
  openai: [
    /^Answer: +我是通义千问/m,
    /^Streams: +40 at once$/m,
    /^Pool: +open 4 .* in flight 0, waiting 0; since start: opened 4, acquired 41, /m,
    /^Server: +41 requests over 4 connections$/m
  ],
  "own-session": [
    /^Answer: \S/m,
    /^Open: +open 1 /m,
    /^Closed: +open 0 /m,
    /^Server: 0 connections open, 1 in all, over TLS$/m,
    /^One more call: ConnectionError: .*\(Closed\)/m
  ],
  "shared-session": [
    /^Closed by Effect\.scoped:\n {2}你好\n {4}\S.*\n {2}介绍一下你自己\n {4}\S.*\n {2}connections opened: 1, requests sent: 2, over a used connection: 1\n {2}the server saw: 1 connection, 2 requests; 0 open now$/m,
    /^Closed by hand:\n(?:.*\n){4} {2}connections opened: 1, .*\n {2}the server saw: 1 connection, 2 requests; 0 open now$/m
  ],
  "many-calls": [
    /^Took: +.* \d+ calls per second$/m,
    /^Answers: 986$/m,
    /^Errors: +14$/m,
    /^ {2}ApiError: 10, such as: DashScope answered 503/m,
    /^ {2}ConnectionError: 4, such as: .*\(Truncated\)/m,
    /^Pool: +open 32 .* in flight 0, waiting 0; since start: opened 36, acquired 1000, reused 964/m,
    /^Server: +saw 1000 requests, at most 32 at once; 36 connections, at most 32 at once$/m
  ],
  "typed-errors": [
    /^ {2}NoApiKey, \d places searched\n {2}No DashScope API key found.*\n {2}ask again\? no$/m,
    /^ {2}InputRequired, \w+\n.*\n {2}ask again\? no$/m,
    /^ {2}ApiError, Authentication, status 401\n.*\n {2}ask again\? no$/m,
    /^ {2}ApiError, RateLimited, status 429, retry after 3s\n.*\n {2}ask again\? yes$/m,
    /^ {2}ApiError, QuotaExhausted, status 400\n.*\n {2}ask again\? no$/m,
    /^ {2}ApiError, ContentFiltered, status 400\n.*\n {2}ask again\? no$/m,
    /^ {2}ApiError, InvalidRequest, status 400\n.*\n {2}ask again\? no$/m,
    /^ {2}ApiError, NotFound, status 404\n.*\n {2}ask again\? no$/m,
    /^ {2}ApiError, Server, status 500\n.*\n {2}ask again\? yes$/m,
    /^ {2}ApiError, UnexpectedResponse, status 200\n.*\n {2}ask again\? no$/m,
    /^ {2}RequestTimeout, acquire, after 200ms\n.*pool: open 1\/1 .*\n {2}ask again\? yes$/m,
    /^ {2}RequestTimeout, connect, after 200ms$/m,
    /^ {2}RequestTimeout, write, after 200ms$/m,
    /^ {2}RequestTimeout, read, after 200ms$/m,
    /^ {2}RequestTimeout, total, after 200ms\n.*\n {2}ask again\? no$/m,
    /^ {2}ConnectionError, Refused, response started: false\n.*\n {2}ask again\? yes$/m,
    /^ {2}ConnectionError, Tls, response started: false\n.*\n {2}ask again\? no$/m,
    /^ {2}ConnectionError, Proxy, response started: false$/m,
    /^ {2}ConnectionError, Reset, response started: false\n.*\n {2}ask again\? yes$/m,
    /^ {2}ConnectionError, Truncated, response started: true\n.*\n {2}ask again\? no$/m,
    /^ {2}ConnectionError, Closed, response started: false\n.*\n {2}ask again\? no$/m,
    /^ {2}PoolExhausted, .*\n.*\n {2}ask again\? yes$/m
  ],
  "streaming-chat": [
    /^you> 你是谁？\n\(thinking\) \S.*\n我是通义千问.*\n\[\d+ tokens in, \d+ out\]$/m,
    /^you> What is 17 \* 23\?\n\(thinking\) \S.*\n17\*23 equals 391\..*\n\[\d+ tokens in, \d+ out\]$/m,
    /^Kept: +5 messages$/m,
    /^Pool: +open 1 .* in flight 0, waiting 0; since start: opened 1, acquired 2, reused 1,/m
  ],
  "language-model": [
    /^A chat with a tool:\n {2}> How is the weather in Hangzhou\?\n {2}get_weather says \{"sky":"cloudy","degrees":18\}\nThe tools say: \{"sky":"cloudy","degrees":18\}\..*\n {2}> 你是谁？\n我是通义千问.*\n {2}7 messages, \d+ characters were saved$/m,
    /^An object:\n {2}string number\nVectors:\n {2}3 vectors of 256\nA failure:\n {2}(?:HttpResponseError|AiError), made of NotFound$/m
  ],
  tools: [
    /^As one Effect:\n {2}The tools say: \{"sky":"cloudy","degrees":18\}; 14:05\..*\n {2}2 rounds, 5 messages, \d+ tokens in all$/m,
    /^ {2}calls get_weather\(\{"city":"Atlantis"\}\)\n {2}is told "No weather: There is no station in Atlantis" \(HandlerFailure\)\n {2}\(end of round 1\)\nThe tools say: No weather: .*\n {2}\(end of round 2\)\n {2}\d+ tokens in all$/m,
    /^ {2}UnknownCity: Atlantis$/m,
    /^ {2}TooManyRounds: .* get_weather/m
  ],
  "structured-output": [
    /^By json_schema:\n {2}Night Train, 12 copies, urgent: true\n {2}\d+ tokens$/m,
    /^By json_object:\n {2}391$/m,
    /^Fixed by the model:\n {2}from 14 until 15, attempts: 2, \d+ tokens$/m,
    /^ {2}InvalidObject, DoesNotFit: until \(14\) must be later than from \(15\)\n {2}the model wrote \{"from":15,"until":14\}$/m
  ],
  "compare-models": [
    /^qwen-turbo: first token after \d+ ms$/m,
    /^qwen-max: I am Qwen, /m,
    /^model +first token +tokens\/s +in +out +total$/m,
    /^qwen-turbo +\d+ ms +\d+\.\d +\d+ +\d+ +\d+$/m,
    /^qwen-plus +\d+ ms +\d+\.\d +\d+ +\d+ +\d+$/m,
    /^qwen-max +\d+ ms +\d+\.\d +\d+ +\d+ +\d+$/m,
    /^Pool: open 3 .* in flight 0, waiting 0; since start: opened 3, acquired 3,/m
  ],
  observability: [
    /^a throttled call {2}\d+ ms\n└─ chat qwen-plus {2}\d+ ms\n(?: {3}│ {2}.*\n)* {3}├─ (?:http\.client )?POST .* http\.response\.status_code=429(?: .*)?\n(?: {3}│ {2}.*\n)* {3}├─ • after \d+ ms: dashscope\.retry\n/m,
    /^a stream that breaks off .*\n[├└]─ chat qwen-plus .*\n(?:[│ ] {2}│ .*\n)*[│ ] {2}│ .*error\.type=connection\.reset/m,
    /^ +└─ • after .* ms: dashscope\.first_chunk$/m,
    /error\.type=timeout\.total$/m,
    /error\.type=interrupted$/m,
    /^name +unit +attributes +value$/m,
    /^http\.client\.open_connections +\{connection\} +http\.connection\.state=active +0, at most [12]$/m,
    /^gen_ai\.client\.operation\.duration +s +error\.type=interrupted +count 1, sum \d+\.\d{3}$/m,
    /^gen_ai\.client\.token\.usage +\{token\} +gen_ai\.token\.type=output +count \d+, sum \d+$/m,
    /^WARN: ConnectionError, so there is no answer$/im
  ],
  "describe-image": [
    /^Picture: +\S+flag\.png$/m,
    /^I was given the image image\/png\. You said: "What is in this picture\?"/m,
    /^Usage: +\d+ tokens in, [1-9]\d* of them for the picture; \d+ out$/m
  ],
  "read-receipt": [
    /^Read: +\{"date":"\d{4}-\d\d-\d\d",/m,
    /^Receipt: \S.*, \d{4}-\d\d-\d\d: \d+\.\d\d \(receipt \d+\)$/m,
    /^Usage: +\d+ tokens$/m
  ],
  promise: [
    /^Answer: 我是通义千问.* \(\d+ tokens\)$/m,
    /^Begun: +\S.*…; 0 requests in flight$/m,
    /^Tools: +The tools say: Hangzhou: sunny, 22 °C\. \(2 rounds\)$/m,
    /^Alike: +0\.\d\d and -?0\.\d\d$/m,
    /^Task: +SUCCEEDED$/m,
    /^Error: +Authentication \(401 InvalidApiKey\)$/m
  ],
  draw: [
    /^Task: +\S+, which goes on by itself from here$/m,
    /^(?:Saved: +\S+[1-4]\.png, [1-9]\d* bytes\n){4}Paid: +4 images$/m
  ],
  film: [
    /^Task: +\S+, written to \S+film\.mp4\.task\.json$/m,
    /^Filmed: 5 s\nSaved: +\S+film\.mp4, [1-9]\d* bytes of video\/mp4$/m
  ],
  transcribe: [
    /^https:\/\/\S+_female2\.wav\n1\n00:00:00,100 --> 00:00:\d\d,\d{3}\n\[0\] \S.*\n\n2\n/m,
    /^https:\/\/nowhere\.invalid\/lost\.wav\nApiError: .*InvalidFile\.DownloadFailed/m,
    /^Paid: \d+ s$/m
  ],
  talk: [
    /^I am Qwen, /m,
    /^Talked: +\d+\.\d s of speech in \S+talk\.wav$/m,
    /^Spoken: +0\.\d s of samples, in [1-9]\d* pieces$/m
  ],
  speak: [
    /^I am Qwen, /m,
    /^First sound: \d+ ms after the question$/m,
    /^Spoken: +\d+\.\d s, [1-9]\d* sentences, [1-9]\d* characters$/m,
    /^Saved: +\S+speak\.wav, [1-9]\d* bytes$/m,
    /^Pool: +2 connections opened for 2 requests$/m
  ],
  listen: [
    /^ {3}0\.0 s {2}好，我知道了。\n {3}0\.4 s {2}今天天气怎么样？\n {3}0\.9 s {2}It is twenty degrees\.\n {3}1\.2 s {2,3}The cat/m,
    /^Seen growing: yes, 4 sentences$/m,
    /^4\n00:00:01,200 --> 00:00:01,620\nThe cat is on the mat!$/m
  ],
  "translate-speech": [/^zh {2}你好。\nen {2}\S.*\nzh {2}今天天气怎么样？\nen {2}\S.*$/m],
  "voice-chat": [
    /^You: {3}Who are you\?\nModel: I am Qwen.*\nYou: {3}What is the weather in Paris\?\nTool: {2}get_weather\(\{"city":"Paris"\}\) = \{.*\}\nModel: \S/m,
    /^Saved: +\S+answers\.wav, \d+\.\d s of speech$/m
  ],
  search: [
    /^Embedded: 8 texts, \d+ tokens$/m,
    /^similarity +relevance +text$/m,
    /^0\.\d{3} +0\.\d{3} +A cat does not like water, and does like fish\n0\.\d{3} +0\.\d{3} +A cat likes warm places/m,
    /^Pool: open 1 .* since start: opened 1, acquired 3, reused 2,/m
  ],
  "agent-app": [
    /^you> What is my name\?\nYou said: "What is my name\?"\..* Before that you said: "My name is Ada\."/m,
    /^ {2}\[1\] 知识库 handbook 的文档\n {2}qwen-plus: \d+ tokens in, \d+ out$/m,
    /^A workflow, node by node:\n {2}End: Hangzhou$/m
  ],
  files: [
    /^Uploaded: notes\.txt, 22 bytes, processed\nUploaded: \S+\.m?[jt]s, \d+ bytes, processed$/m,
    /^Listed: +\S+\.m?[jt]s, notes\.txt\nContent: +The cat is on the mat\.\nDeleted: +\S+\.m?[jt]s\nDeleted: +notes\.txt$/m
  ],
  server: [
    /^Read to its end: +\d+ characters$/m,
    /^Left half read: +its call was given up$/m,
    /^Begun before SIGTERM: \d+ characters, to its end$/m
  ],
  batch: [
    /^Asking 40 of 40\nStopped, with 0 requests in flight\nAsking (?:[12]\d|30) of 40\nAnswered (?:[12]\d|30), failed 0\nIn the file: 40 answers$/m
  ],
  bulk: [
    /^Interrupted\n\d+ {2}|^Interrupted\n\[#+\] 200\/200 {2}1\d\d done before/m,
    /^Answers: 199\nAside: {3}\{"key":"13","attempt":0,"input":.*"ContentFiltered".*\}$/m,
    /^Server: {2}200 requests$/m
  ],
  "batch-api": [
    /^Uploaded 500 questions, \d+ bytes\nSubmitted a batch that is validating\n/m,
    /^Stopped\nGoing on with a batch that is validating\n(?: {2}\w+, \d+ of 500 done\n)+Wrote 500 answers and 0 errors$/m
  ],
  "mock-layer": [
    /^A service that answers\n {2}headline: Cat Still on Mat$/m,
    /^A service that refuses the text\n {2}headline: The cat sat on the$/m,
    /^ {2}sent to https:\/\/dashscope\.aliyuncs\.com\/api\/v1\/services\/.*\n {4}\{"model":"qwen-plus",/m,
    /^ {2}headline: Mat Taken$/m
  ],
  "pool-monitor": [
    /^(?:\d\d:\d\d:\d\d {2}open \d+\/12 \(\d+ active, .* closing\), \d+ waiting, \d+ answers\/s; wait p50 .*; use p50 .*s\n){2}Pool: /,
    /^Pool: open \d+ .* since start: opened \d+, acquired \d+, reused [1-9]\d*, waited [1-9]\d*, .*\n(?: {2}http:\/\/127\.0\.0\.1:\d+: open .*\n){2}$/m
  ]
}

/** Of those that end by a signal. */
const codeOf: Readonly<Record<string, number>> = { server: interruptedCode }

/** Of those that would take their time. */
const argsOf: Readonly<Record<string, ReadonlyArray<string>>> = { "pool-monitor": ["--seconds", "2"] }

const names = files.map((file) => file.slice(0, -".ts".length))

describe("the examples", () => {
  it("are all tested here, and say in their first sentence what they show", () => {
    assert.deepStrictEqual(Object.keys(expected).filter((name) => !absent.has(name)).sort(), [...names].sort())
    for (const name of names) {
      assert.match(readFileSync(new URL(`${name}.ts`, folder), "utf8"), /^\/\*\*\n \* [A-Z][^.]+\.\n/, name)
    }
  })

  for (const [name, patterns] of Object.entries(expected)) {
    if (absent.has(name)) continue
    it.live.runIf(isThorough || share.includes(name))(
      `${name} prints what it shows and ends by itself`,
      () =>
        Effect.gen(function*() {
          const { code, stderr, stdout } = yield* run(name, { args: argsOf[name] ?? [] })
          assert.strictEqual(code, codeOf[name] ?? 0, stderr)
          assertMatches(stdout, patterns)
          assert.notInclude(stdout, "nothing went wrong")
        })
    )
  }
})

describe("with a key in the environment", () => {
  it.scopedLive("the real service is asked, and the key is not printed", () =>
    Effect.gen(function*() {
      const key = "sk-of-the-environment"
      const simulator = yield* Simulator.make({ apiKeys: [key] })
      const variables = { DASHSCOPE_API_KEY: key, DASHSCOPE_HTTP_BASE_URL: simulator.url }
      const { code, stderr, stdout } = yield* run("quickstart", { variables })
      assert.strictEqual(code, 0, stderr)
      assertMatches(stdout, [/^Asking: +the DashScope service$/m, /^Answer: +\S/m])
      assert.notInclude(stdout + stderr, key)
      assert.lengthOf(yield* simulator.requests, 1)
    }))

  it.scopedLive.runIf(isThorough)("a refusal is printed, and ends the program with 1", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: ["sk-another"] })
      const variables = { DASHSCOPE_API_KEY: "sk-wrong", DASHSCOPE_HTTP_BASE_URL: simulator.url }
      const { code, stderr } = yield* run("quickstart", { variables })
      assert.strictEqual(code, 1)
      assert.match(stderr, /^An error occurred while calling the generation service: .* 401 InvalidApiKey/)
      assert.notInclude(stderr, "sk-wrong")
    }))

  it.live.runIf(isThorough)("a setting that cannot be used is told without a stack", () =>
    Effect.gen(function*() {
      const variables = { DASHSCOPE_API_KEY: "sk-any", DASHSCOPE_HTTP_BASE_URL: "nowhere" }
      const { code, stderr } = yield* run("quickstart", { variables })
      assert.strictEqual(code, 1)
      assert.match(stderr, /^An error occurred [^\n]*neither a URL/)
      assert.notMatch(stderr, /^ {4}at /m)
    }))
})

describe("many-calls", () => {
  it.live.runIf(isThorough)(
    "shows its progress in plain lines where there is no terminal",
    () =>
      Effect.gen(function*() {
        const { stderr } = yield* run("many-calls", { args: ["64"] })
        assert.match(stderr, /^\[=+\] 64\/64 {2}32 open, 0 in flight, 0 waiting$/m)
        assert.notInclude(stderr, "\u001b")
      })
  )

  it.live("gives everything back when it is interrupted", () =>
    Effect.gen(function*() {
      // The first line of progress after the start; so many calls take several seconds.
      const { code, stdout } = yield* run("many-calls", { args: ["3000"], interruptAt: /\] [1-9]\d*\/3000/ })
      assert.strictEqual(code, interruptedCode)
      assert.match(stdout, /^Stopped\. Pool: open \d+ \(connecting 0, active 0, .* in flight 0, waiting 0;/m)
      assert.notInclude(stdout, "Answers")
    }))

  it.live.runIf(isThorough)("refuses a number that is none", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("many-calls", { args: ["lots"] })
      assert.strictEqual(code, 1)
      assert.include(stdout + stderr, "\"lots\" is not a number")
    }))
})

describe("batch-api", () => {
  it.scopedLive.runIf(isThorough)("is killed and started again, and pays for one batch", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "batch-api-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const options: RunOptions = {
        args: [folder, "50 millis"],
        variables: { DASHSCOPE_API_KEY: "sk-any", DASHSCOPE_HTTP_BASE_URL: simulator.url }
      }
      const first = yield* run("batch-api", { ...options, killAt: /^Uploaded/m })
      const second = yield* run("batch-api", { ...options, killAt: /^Submitted|done$/m })
      assert.deepStrictEqual([first.code, second.code], [null, null])
      const { code, stderr, stdout } = yield* run("batch-api", options)
      assert.strictEqual(code, 0, stderr)
      assertMatches(stdout, [/^Wrote 500 answers and 0 errors$/m])
      const lines = readFileSync(join(folder, "answers.jsonl"), "utf8").split("\n")
      const ids = lines.map((line) => (JSON.parse(line) as { readonly id: string }).id)
      assert.strictEqual(new Set(ids).size, 500)
      const posts = (yield* simulator.requests).filter(({ method }) => method === "POST").map(({ path }) => path)
      assert.deepStrictEqual(posts, ["/compatible-mode/v1/files", "/compatible-mode/v1/batches"])
    }))
})

describe("streaming-chat", () => {
  it.live.runIf(isThorough)("takes its questions from standard input, up to /quit", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("streaming-chat", { input: "1+1?\n\n2+2?\n/quit\n3+3?\n" })
      assert.strictEqual(code, 0, stderr)
      assertMatches(stdout, [
        /^you> 1\+1\?\n.*\n1\+1 equals 2\..*\n\[.*\]\nyou> 2\+2\?\n.*\n2\+2 equals 4\./m,
        /^Kept: +5 messages$/m
      ])
      assert.notInclude(stdout, "3+3 equals")
    }))

  it.scopedLive.runIf(isThorough)(
    "goes on after an answer that failed, and leaves its turn out",
    () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({
          behaviorOf: ({ index }) => index === 1 ? { stream: { errorAfterEvents: 4 } } : undefined
        })
        const variables = { DASHSCOPE_API_KEY: "sk-any", DASHSCOPE_HTTP_BASE_URL: simulator.url }
        const { code, stdout } = yield* run("streaming-chat", { variables, input: "1+1?\n2+2?\n/quit\n" })
        assert.strictEqual(code, 1)
        assertMatches(stdout, [/^DashScope answered 500 /m, /^2\+2 equals 4\./m, /^Kept: +3 messages$/m])
      })
  )
})

describe("compare-models", () => {
  it.live.runIf(isThorough)("compares those that answer, where one does not", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* run("compare-models", { args: ["unknown-model", "qwen-turbo"] })
      assert.strictEqual(code, 0)
      assertMatches(stdout, [
        /^unknown-model: ApiError: .* 404 ModelNotFound/m,
        /^unknown-model +failed( +-){4}$/m,
        /^qwen-turbo +\d+ ms /m
      ])
    }))
})
