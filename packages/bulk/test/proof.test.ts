import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as MySql from "./proof/mysql.js"
import * as Postgres from "./proof/postgres.js"
import { type Options, type Proof, prove } from "./proof/prove.js"

const bin = Postgres.programs()
const mySql = MySql.program()

const assertProved = (proof: Proof, count: number) => {
  assert.isAtLeast(proof.kills, 1)
  assert.include(proof, { results: count, keys: count, wrong: 0, unexplained: 0 })
  assert.strictEqual(proof.calls, count + proof.repeated)
  assert.isAtMost(proof.repeated, proof.lost)
}

const proved = (options: Omit<Options, "count" | "concurrency" | "latency" | "killEvery">, count: number) =>
  Effect.map(
    prove({ count, concurrency: 48, latency: 200, killEvery: 250, ...options }),
    (proof) => assertProved(proof, count)
  )

describe("a job whose processes are killed", { timeout: 180_000 }, () => {
  it.live("has each result once, from a SQLite file", () =>
    proved({ storage: { _tag: "SQLite" }, workers: 1, killAfter: 150, restart: true }, 500))

  // Where a database is not installed, `npm run bulk` reports its tests as skipped.
  it.live.runIf(bin !== undefined)(
    "has each result once, from three processes over Postgres",
    () => proved({ storage: { _tag: "Postgres", bin: bin ?? "" }, workers: 3, killAfter: 150, restart: true }, 700)
  )

  it.live.runIf(bin !== undefined)(
    "is ended by the process that is left",
    () => proved({ storage: { _tag: "Postgres", bin: bin ?? "" }, workers: 2, killAfter: 60, restart: false }, 300)
  )

  it.live.runIf(mySql !== undefined)(
    "has each result once, from two processes over MySQL",
    () => proved({ storage: { _tag: "MySQL", bin: mySql ?? "" }, workers: 2, killAfter: 120, restart: true }, 300)
  )
})
