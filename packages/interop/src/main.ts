/**
 * Official SDKs against the simulator, and their requests beside ours. See the README.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { fileURLToPath } from "node:url"
import { casesJson } from "./internal/cases.js"
import type { Check } from "./internal/checks.js"
import { failed, readChecks } from "./internal/checks.js"
import { run } from "./internal/command.js"
import { compared, keyOf, sdks } from "./internal/compared.js"
import { isOfSdk, parseListed } from "./internal/differences.js"
import { realtimeJson } from "./internal/realtime.js"
import * as Servers from "./internal/servers.js"
import { question, recording } from "./internal/services/case.js"
import { files, serviceCasesJson } from "./internal/services/index.js"
import { spoken } from "./internal/spoken.js"
import { table } from "./internal/table.js"
import type { Broken, Toolchain, Unavailable } from "./internal/toolchain.js"
import * as Toolchains from "./internal/toolchain.js"
import type { Found, Requests } from "./internal/wire.js"
import { checkListed, compare, ours, requestsOf } from "./internal/wire.js"

const heading = "## Known differences of requests"

/** A part of the evidence: its checks, or why there are none. */
interface Part {
  readonly name: string
  readonly outcome: Either.Either<ReadonlyArray<Check>, string>
  readonly seconds: number
}

interface Program {
  readonly name: string
  /** What the tool chain runs: a file, or a class; and its argument. */
  readonly file: string
  readonly argument?: string
  /** The name of the SDK whose requests this program sends for the comparison. */
  readonly sdk?: string
}

interface Language {
  readonly name: string
  readonly folder: string
  readonly prepare: typeof Toolchains.java
  readonly programs: ReadonlyArray<Program>
}

const languages: ReadonlyArray<Language> = [
  {
    name: "Python 1",
    folder: "python",
    prepare: Toolchains.python("requirements-1.txt"),
    programs: [
      { name: "Python 1, sync, no session", file: "sync_plain.py", sdk: "Python sync" },
      { name: "Python 1, sync, requests.Session", file: "sync_session.py" },
      { name: "Python 1, async, aiohttp.ClientSession", file: "async_session.py", sdk: "Python async" },
      { name: "Python 1, services", file: "services.py", argument: "sync", sdk: "Python sync" },
      { name: "Python 1, services, async", file: "services.py", argument: "async", sdk: "Python async" },
      { name: "Python 1, speech", file: "speech.py", sdk: "Python sync" },
      { name: "Python 1, realtime", file: "realtime.py" }
    ]
  },
  {
    name: "Python 2",
    folder: "python",
    prepare: Toolchains.python("requirements-2.txt"),
    programs: [
      { name: "Python 2, sync, the shared session", file: "sync_plain.py", sdk: "Python 2 sync" },
      { name: "Python 2, sync, requests.Session", file: "sync_session.py" },
      { name: "Python 2, async, aiohttp.ClientSession", file: "async_session.py", sdk: "Python 2 async" },
      { name: "Python 2, dashscope.Client", file: "v2_client.py" },
      { name: "Python 2, services", file: "services.py", argument: "sync", sdk: "Python 2 sync" },
      { name: "Python 2, speech", file: "speech.py", sdk: "Python 2 sync" },
      { name: "Python 2, services, async", file: "services.py", argument: "async", sdk: "Python 2 async" },
      { name: "Python 2, services, Client", file: "services.py", argument: "client", sdk: "Python 2 client" },
      {
        name: "Python 2, services, AsyncClient",
        file: "services.py",
        argument: "async-client",
        sdk: "Python 2 async client"
      },
      { name: "Python 2, realtime", file: "realtime.py" }
    ]
  },
  {
    name: "OpenAI",
    folder: "python",
    prepare: Toolchains.python("requirements-openai.txt", "openai"),
    programs: [
      { name: "OpenAI, files and batches", file: "openai_batches.py" },
      { name: "OpenAI, chat and embeddings", file: "openai_chat.py" }
    ]
  },
  {
    name: "JavaScript",
    folder: "javascript",
    prepare: Toolchains.node(20),
    programs: [
      { name: "openai 6 over our fetch", file: "openai.mjs" },
      { name: "ai 5 over our fetch", file: "ai.mjs", argument: "5" },
      { name: "ai 6 over our fetch", file: "ai.mjs", argument: "6" },
      { name: "@anthropic-ai/sdk over our fetch", file: "anthropic.mjs" }
    ]
  },
  {
    name: "JavaScript for Node 22",
    folder: "javascript",
    prepare: Toolchains.node(22),
    programs: [
      { name: "openai 7 over our fetch", file: "openai.mjs" },
      { name: "ai 7 over our fetch", file: "ai.mjs", argument: "7" },
      { name: "@anthropic-ai/sdk over our fetch, Node 22", file: "anthropic.mjs" }
    ]
  },
  {
    name: "Java",
    folder: "java",
    prepare: Toolchains.java,
    programs: [
      { name: "Java, pool as documented", file: "Main", sdk: "Java" },
      { name: "Java, limits", file: "Limits" },
      { name: "Java, services", file: "Services", argument: "java", sdk: "Java" },
      { name: "Java, services, callbacks", file: "Services", argument: "java-callbacks", sdk: "Java callbacks" },
      { name: "Java, speech", file: "Speech", sdk: "Java" },
      { name: "Java, realtime", file: "Realtime" }
    ]
  }
]

/** What is wanted: `npm run interop -- Java realtime` runs the programs that have both words in their names. */
const words = process.argv.slice(2).map((word) => word.toLowerCase())

const wanted: ReadonlyArray<Language> = languages.flatMap((language) => {
  const programs = language.programs.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
  return programs.length === 0 ? [] : [{ ...language, programs }]
})

/** The SDKs of which some program does not run, and whose requests are therefore not all there. */
const incomplete: ReadonlySet<string> = new Set(
  languages.flatMap(({ programs }) => programs)
    .filter((program) => !wanted.some(({ programs }) => programs.includes(program)))
    .flatMap(({ sdk }) => sdk ?? [])
)

const root = fileURLToPath(new URL("..", import.meta.url))

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<readonly [A, number], E, R> =>
  Effect.map(Effect.timed(effect), ([duration, value]) => [value, Duration.toSeconds(duration)] as const)

const lineOf = (check: Check): string =>
  check.problem === undefined ? `  ok    ${check.name}` : `  FAIL  ${check.name}: ${check.problem}`

const report = (part: Part) =>
  Console.log(Either.match(part.outcome, {
    onLeft: (reason) => `skipped: ${part.name}: ${reason}`,
    onRight: (checks) => `${part.name}\n${checks.map(lineOf).join("\n")}`
  }))

/** Settings of the machine that would change what the SDKs do. */
const isForeign = (name: string): boolean =>
  /^DASHSCOPE_|_PROXY$|_CA_BUNDLE$|^SSL_CERT_|^NETRC$|^JAVA_TOOL_OPTIONS$|^PYTHON/i.test(name)

const environmentFor = (folder: string): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || isForeign(name) ? [] : [[name, value] as const]
    )
  ),
  // So that nobody's key file is found.
  HOME: folder,
  USERPROFILE: folder,
  INTEROP_CASES: `${folder}/cases.json`,
  INTEROP_SERVICES: `${folder}/services.json`,
  INTEROP_REALTIME: `${folder}/realtime.json`,
  INTEROP_RECORDING: `${folder}/../${recording.name}`
})

const runProgram = (program: Program, toolchain: Toolchain, sources: string, folder: string) =>
  Effect.gen(function*() {
    const servers = yield* Servers.make(compared.map(({ name }) => keyOf(name)), folder)
    const { argument, file } = program
    const args = [...toolchain.args, file, ...(argument === undefined ? [] : [argument])]
    const [ended, seconds] = yield* timed(run(toolchain.command, args, {
      cwd: toolchain.cwd ?? sources,
      env: { ...environmentFor(folder), ...servers.environment },
      timeout: "90 seconds"
    }))
    const checks = readChecks(ended)
    const part: Part = { name: program.name, outcome: Either.right(checks), seconds }
    yield* report(part)
    if (checks.some(({ problem }) => problem !== undefined) && ended.stderr.trim() !== "") {
      yield* Console.log(ended.stderr.trimEnd().split("\n").slice(-40).map((line) => `    | ${line}`).join("\n"))
    }
    return { part, requests: requestsOf(yield* servers.requests) }
  }).pipe(Effect.scoped)

interface Ran {
  readonly parts: ReadonlyArray<Part>
  readonly requests: ReadonlyMap<string, Requests>
}

/** Without a tool chain there is nothing to check, unless that is our fault. */
const without = (language: Language, error: Unavailable | Broken): Effect.Effect<Ran> => {
  const outcome = error._tag === "Unavailable"
    ? Either.left(error.reason)
    : Either.right([failed("it compiles", error.reason)])
  const parts = language.programs.map(({ name }): Part => ({ name, outcome, seconds: 0 }))
  return Effect.as(Effect.forEach(parts, report), { parts, requests: new Map() })
}

const runLanguage = (language: Language, temporary: string) =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const fs = yield* FileSystem.FileSystem
    const sources = path.join(root, language.folder)
    const folder = path.join(temporary, language.name.toLowerCase().replaceAll(" ", "-"))
    yield* fs.makeDirectory(folder)
    yield* fs.writeFileString(path.join(folder, "cases.json"), casesJson)
    yield* fs.writeFileString(path.join(folder, "services.json"), serviceCasesJson(keyOf, temporary))
    yield* fs.writeFileString(path.join(folder, "realtime.json"), yield* realtimeJson)
    const [prepared, seconds] = yield* timed(Effect.either(language.prepare(sources, folder)))
    if (Either.isLeft(prepared)) return yield* without(language, prepared.left)
    const toolchain = prepared.right
    yield* Console.log(`${language.name}: ${toolchain.versions}, ready after ${seconds.toFixed(1)} s`)
    const results = yield* Effect.forEach(
      language.programs,
      (program) => runProgram(program, toolchain, sources, folder)
    )
    const requests = new Map<string, Requests>()
    for (const [i, result] of results.entries()) {
      const sdk = language.programs[i]?.sdk
      if (sdk !== undefined) requests.set(sdk, new Map([...requests.get(sdk) ?? [], ...result.requests]))
    }
    return { parts: results.map(({ part }) => part), requests }
  })

/** What was found, a line for each place and pair of values. */
const differenceTable = (found: ReadonlyArray<Found>): string => {
  const rows = new Map<string, { readonly cells: ReadonlyArray<string>; readonly cases: Set<string> }>()
  const short = (text: string | undefined) => {
    const shown = text ?? "—"
    return shown.length > 44 ? `${shown.slice(0, 43)}…` : shown
  }
  for (const { case: name, listed, ours, sdk, theirs, where } of found) {
    const cells = [where, sdk, short(ours), short(theirs), listed === undefined ? "NOT LISTED" : "listed"]
    const row = rows.get(cells.join("\n")) ?? { cells, cases: new Set<string>() }
    row.cases.add(name)
    rows.set(cells.join("\n"), row)
  }
  return table([
    ["where", "SDK", "ours", "theirs", "", "cases"],
    ...[...rows.values()].map(({ cells, cases }) => [...cells, String(cases.size)])
  ])
}

const compareAll = (ran: ReadonlyArray<Ran>, temporary: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const rows = parseListed(yield* fs.readFileString(path.join(root, "README.md")), heading)
    const [mine, seconds] = yield* timed(ours(temporary))
    const own: Part = { name: "effect-dashscope, the same requests", outcome: Either.right(mine.checks), seconds }
    const requests = new Map(ran.flatMap((one) => [...one.requests]))
    const found: Array<Found> = []
    const compared = sdks.filter((sdk) => !incomplete.has(sdk)).map((sdk): Part => {
      const name = `requests compared, ${sdk}`
      const theirs = requests.get(sdk)
      if (theirs === undefined) return { name, outcome: Either.left("its program did not run"), seconds: 0 }
      const comparison = compare(sdk, mine.requests, theirs, rows)
      found.push(...comparison.found)
      return { name, outcome: Either.right(comparison.checks), seconds: 0 }
    })
    // Those of all whom a row is about, or it cannot be told whether its cases are still there.
    const whole = rows.filter((row) => ![...incomplete].some((sdk) => isOfSdk(row, sdk)))
    const listed: Part = {
      name: "listed differences are seen",
      outcome: Either.right(checkListed(whole, found, [...requests.keys()])),
      seconds: 0
    }
    const parts = [own, ...compared, listed]
    yield* Effect.forEach(parts, report)
    if (found.length > 0) yield* Console.log(`\n${differenceTable(found)}`)
    return parts
  })

const count = (checks: ReadonlyArray<Check>) => {
  const failures = checks.filter(({ problem }) => problem !== undefined).length
  return { passed: checks.length - failures, failed: failures }
}

const summary = (parts: ReadonlyArray<Part>): string =>
  table([
    ["", "checks", "passed", "failed", "seconds"],
    ...parts.map(({ name, outcome, seconds }) =>
      Either.match(outcome, {
        onLeft: () => [name, "skipped"],
        onRight: (checks) => {
          const { failed, passed } = count(checks)
          return [name, ...[checks.length, passed, failed].map(String), seconds.toFixed(1)]
        }
      })
    )
  ])

const program = Effect.gen(function*() {
  if (wanted.length === 0) {
    return yield* Effect.dieMessage(`No program has all of these in its name: ${words.join(" ")}`)
  }
  const fs = yield* FileSystem.FileSystem
  const temporary = yield* fs.makeTempDirectoryScoped({ prefix: "effect-dashscope-interop-" })
  const path = yield* Path.Path
  yield* Effect.forEach(files, ([name, text]) => fs.writeFileString(path.join(temporary, name), text))
  for (const { name, text } of [recording, question]) {
    yield* fs.writeFile(path.join(temporary, name), yield* spoken(text))
  }
  const [ran, seconds] = yield* timed(
    Effect.forEach(wanted, (language) => runLanguage(language, temporary), { concurrency: "unbounded" })
  )
  const parts = [...ran.flatMap((one) => one.parts), ...(yield* compareAll(ran, temporary))]
  const all = parts.flatMap(({ outcome }) => Either.isRight(outcome) ? [count(outcome.right)] : [])
  const passed = all.reduce((sum, one) => sum + one.passed, 0)
  const failed = all.reduce((sum, one) => sum + one.failed, 0)
  const skipped = parts.filter(({ outcome }) => Either.isLeft(outcome)).length
  yield* Console.log(`\n${summary(parts)}\n`)
  yield* Console.log(`programs with their preparation: ${seconds.toFixed(1)} s`)
  yield* Console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  if (failed > 0) {
    yield* Effect.sync(() => {
      process.exitCode = 1
    })
  }
})

program.pipe(Effect.scoped, Effect.provide(NodeContext.layer), NodeRuntime.runMain())
