/**
 * `npm run bulk:proof -- 10000` kills the processes of a job of so many prompts, on SQLite, Postgres and MySQL, and prints what came of
 * it. A second argument, `sqlite`, `postgres` or `mysql`, tries that one only.
 */
import { Console, Effect } from "effect"
import * as MySql from "./mysql.js"
import * as Postgres from "./postgres.js"
import { type Options, prove } from "./prove.js"

const [count = "2000", only] = process.argv.slice(2)
const postgres = Postgres.programs()
const mySql = MySql.program()

const all: ReadonlyArray<Pick<Options, "storage" | "workers">> = [
  { storage: { _tag: "SQLite" }, workers: 1 },
  ...postgres === undefined ? [] : [{ storage: { _tag: "Postgres", bin: postgres } as const, workers: 3 }],
  ...mySql === undefined ? [] : [{ storage: { _tag: "MySQL", bin: mySql } as const, workers: 3 }]
]
const storages = all.filter(({ storage }) => only === undefined || only === storage._tag.toLowerCase())

void Effect.forEach(storages, ({ storage, workers }) =>
  Effect.gen(function*() {
    yield* Console.log(`${storage._tag}, ${workers} ${workers === 1 ? "process" : "processes"}:`)
    const proof = yield* prove({
      count: Number(count),
      storage,
      workers,
      concurrency: 96,
      killAfter: 48,
      killEvery: 5000,
      restart: true,
      latency: 300
    })
    yield* Console.log(proof)
    if (proof.results !== Number(count) || proof.keys !== proof.results || proof.wrong + proof.unexplained > 0) {
      return yield* Effect.dieMessage("This is not what was promised.")
    }
  })).pipe(
    Effect.zipRight(postgres === undefined ? Console.log("Postgres is not installed here.") : Effect.void),
    Effect.zipRight(mySql === undefined ? Console.log("MariaDB is not installed here.") : Effect.void),
    Effect.runPromise
  )
