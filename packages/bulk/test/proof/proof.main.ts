/**
 * `npm run bulk:proof -- 10000` kills the processes of a job of so many prompts, on SQLite and on Postgres, and prints what came of
 * it. A second argument, `sqlite` or `postgres`, tries that one only.
 */
import { Console, Effect } from "effect"
import * as Postgres from "./postgres.js"
import { type Options, prove } from "./prove.js"

const [count = "2000", only] = process.argv.slice(2)
const bin = Postgres.programs()

const storages: Array<Pick<Options, "storage" | "workers">> = []
if (only !== "postgres") storages.push({ storage: { _tag: "SQLite" }, workers: 1 })
if (only !== "sqlite" && bin !== undefined) storages.push({ storage: { _tag: "Postgres", bin }, workers: 3 })

void Effect.forEach(storages, ({ storage, workers }) =>
  Effect.gen(function*() {
    if (storage._tag === "Postgres") yield* Console.log("Postgres, three processes:")
    else yield* Console.log("SQLite, one process:")
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
    Effect.zipRight(bin === undefined ? Console.log("Postgres is not installed here.") : Effect.void),
    Effect.runPromise
  )
