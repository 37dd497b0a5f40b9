/**
 * A job whose processes are killed, again and again: what came of it, as its results, the database and the service tell.
 */
import { SqlClient } from "@effect/sql"
import { MysqlClient } from "@effect/sql-mysql2"
import { PgClient } from "@effect/sql-pg"
import { Data, Effect, type Layer, Option, Redacted, Schema, type Scope } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundle } from "../../../../scripts/bundle.js"
import * as Sqlite from "../../src/internal/sqlite.js"
import * as MySql from "./mysql.js"
import * as Postgres from "./postgres.js"

export interface Options {
  /** How many prompts. */
  readonly count: number
  readonly storage: { readonly _tag: "SQLite" } | { readonly _tag: "Postgres" | "MySQL"; readonly bin: string }
  /** How many processes. */
  readonly workers: number
  /** How many inputs are in flight, over all. */
  readonly concurrency: number
  /** One process is killed, and started again, after so many calls since the last time. */
  readonly killAfter: number
  /** It is looked for that at these intervals, in milliseconds. */
  readonly killEvery: number
  /** Whether one that was killed is started again, under its name. Else those that are left do its work, and the last one lives. */
  readonly restart: boolean
  /** How long the service takes for an answer. */
  readonly latency: number
}

export interface Proof {
  readonly kills: number
  readonly seconds: number
  /** Results in the output: all of them, and how many different keys they have. */
  readonly results: number
  readonly keys: number
  /** Answers that are not the one to their prompt. */
  readonly wrong: number
  /** Calls that the service saw. */
  readonly calls: number
  /** Calls for prompts that had been asked before. */
  readonly repeated: number
  /** Calls that killed processes had started, and of which nothing was kept. */
  readonly lost: number
  /** Repeated calls for prompts that were not lost so often. */
  readonly unexplained: number
}

class ProcessFailed extends Data.TaggedError("ProcessFailed")<{ readonly message: string }> {}

const tally = (keys: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

interface Worker {
  /** Keys whose call it has started. */
  readonly started: ReadonlyArray<string>
  /** Ends by itself once the job has. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>
  readonly kill: () => Promise<void>
}

const startWorker = (program: string, variables: Readonly<Record<string, string>>): Worker => {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env["PATH"] ?? "", ...variables },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const started: Array<string> = []
  let rest = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      if (line.startsWith("start ")) started.push(line.slice("start ".length))
      else if (!line.startsWith("end ")) stderr += `${line}\n`
    }
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text)
  const ended = new Promise<{ readonly code: number | null; readonly stderr: string }>((resolve) =>
    // Its output has been read to the end by then.
    child.once("close", (code) => resolve({ code, stderr }))
  )
  return {
    started,
    ended,
    kill: () => {
      child.kill("SIGKILL")
      return ended.then(() => undefined)
    }
  }
}

/** The keys of those inputs whose outcome the engine has kept. */
const keptKeys = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly payload: string }>`
    SELECT m.payload FROM bulk_messages m WHERE m.entity_type = 'Workflow/ask'
    AND EXISTS (SELECT 1 FROM bulk_replies r WHERE r.request_id = m.request_id)`
  const key = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ key: Schema.String })))
  return new Set(rows.map(({ payload }) => key(payload).key))
})

const Result = Schema.Struct({ answer: Schema.String, tokens: Schema.Number })

/** The number that a prompt asks about is its key. */
const keyOf = (body: string): string => /What is (\d+) times/.exec(body)?.[1] ?? "none"

const outputOf = Schema.decodeUnknownSync(Schema.parseJson(Result))
const lineOf = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ key: Schema.String, output: Result })))

type Output = readonly [key: string, output: typeof Result.Type]

/** What differs between a file and a database. */
interface Place {
  readonly variables: Readonly<Record<string, string>>
  readonly sql: Layer.Layer<SqlClient.SqlClient, unknown>
  readonly outputs: Effect.Effect<ReadonlyArray<Output>, unknown, SqlClient.SqlClient>
}

const place = (storage: Options["storage"], folder: string): Effect.Effect<Place, unknown, Scope.Scope> => {
  if (storage._tag === "SQLite") {
    const file = join(folder, "job.db")
    const results = join(folder, "results.jsonl")
    return Effect.succeed({
      variables: { BULK_FILE: file, BULK_RESULTS: results },
      sql: Sqlite.layer(file),
      outputs: Effect.sync(() =>
        readFileSync(results, "utf8").split("\n").slice(0, -1).map((line): Output => {
          const { key, output } = lineOf(line)
          return [key, output]
        })
      )
    })
  }
  const isMySql = storage._tag === "MySQL"
  return Effect.map(isMySql ? MySql.start(storage.bin) : Postgres.start(storage.bin), (url): Place => ({
    variables: { BULK_DATABASE: url, BULK_RESULTS: "answers" },
    sql: isMySql
      ? MysqlClient.layer({ url: Redacted.make(url), maxConnections: 2 })
      : PgClient.layer({ url: Redacted.make(url), maxConnections: 2 }),
    outputs: Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<
        { readonly input_key: string; readonly output: string }
      >`SELECT input_key, output FROM answers`
      return rows.map((row): Output => [row.input_key, outputOf(row.output)])
    })
  }))
}

export const prove = (options: Options) =>
  Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "bulk-proof-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    const programs = yield* Effect.acquireRelease(
      Effect.promise(() => bundle(new URL("worker.main.ts", import.meta.url))),
      ({ remove }) => Effect.sync(remove)
    )
    const asked: Array<string> = []
    const simulator = yield* Simulator.make({
      record: 0,
      behaviorOf: ({ body }) => {
        asked.push(keyOf(body))
        return { latency: options.latency }
      }
    })
    const { outputs, sql, variables } = yield* place(options.storage, folder)
    const begin = (index: number) =>
      startWorker(programs.path("worker.main"), {
        ...variables,
        BULK_COUNT: String(options.count),
        BULK_CONCURRENCY: String(options.concurrency),
        BULK_MACHINE: `machine-${index}`,
        BULK_TAKE_OVER_AFTER: options.restart ? "15 seconds" : "12 seconds",
        DASHSCOPE_API_KEY: "sk-simulator",
        DASHSCOPE_HTTP_BASE_URL: simulator.url
      })

    const startedAt = performance.now()
    const workers = yield* Effect.acquireRelease(
      Effect.sync(() => Array.from({ length: options.workers }, (_, index) => begin(index))),
      (workers) => Effect.promise(() => Promise.all(workers.map(({ kill }) => kill())))
    )
    const lost: Array<string> = []
    let kills = 0
    let seen = 0
    const killOne = Effect.gen(function*() {
      if (!options.restart && workers.length === 1) return
      const index = options.restart ? kills % workers.length : 0
      const worker = workers[index]!
      yield* Effect.promise(worker.kill)
      kills += 1
      seen = asked.length
      const kept = yield* Effect.provide(keptKeys, sql)
      lost.push(...worker.started.filter((key) => !kept.has(key)))
      if (options.restart) workers[index] = begin(index)
      else workers.shift()
    })
    // Until one of them says that the job is done: the others say so too then.
    const first = Effect.suspend(() => Effect.promise(() => Promise.race(workers.map(({ ended }) => ended))))
    while (Option.isNone(yield* Effect.timeoutOption(first, options.killEvery))) {
      // By calls and not by time: a fast machine would be done before, and on a busy one no process would come to work.
      if (asked.length >= seen + options.killAfter) yield* killOne
    }
    for (const { code, stderr } of yield* Effect.promise(() => Promise.all(workers.map(({ ended }) => ended)))) {
      if (code !== 0) yield* new ProcessFailed({ message: `a process ended with ${code}:\n${stderr.slice(0, 4000)}` })
    }
    const seconds = (performance.now() - startedAt) / 1000

    const results = yield* Effect.provide(outputs, sql)
    const lostTimes = tally(lost)
    const again = [...tally(asked)].map(([key, times]) => ({ again: times - 1, lost: lostTimes.get(key) ?? 0 }))
    const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, one) => total + one, 0)
    return {
      kills,
      seconds,
      results: results.length,
      keys: new Set(results.map(([key]) => key)).size,
      wrong: results.filter(([key, { answer }]) => !answer.includes(key)).length,
      calls: asked.length,
      repeated: sum(again.map(({ again }) => again)),
      lost: lost.length,
      unexplained: sum(again.map(({ again, lost }) => Math.max(0, again - lost)))
    } satisfies Proof
  }).pipe(Effect.scoped)
