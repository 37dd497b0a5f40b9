/**
 * A SQLite file as a `SqlClient`, by one connection of libSQL's synchronous binding.
 *
 * `@effect/sql-libsql` opens a new connection for each transaction: settings of a connection (`synchronous`) are lost with it, and
 * it takes no lock that lasts.
 *
 * @internal
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection, Row } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import Database from "libsql"

type Prepared = Database.Statement<Array<unknown>>

/** So many statements stay compiled: those of the engine are a few dozens. */
const preparedAtMost = 200

/** Compiles each text once. The engine's queries that name ids are all different, and are sent unprepared. */
const prepares = (db: Database.Database): (sql: string) => Prepared => {
  const known = new Map<string, Prepared>()
  return (sql) => {
    const kept = known.get(sql)
    if (kept !== undefined) return kept
    const prepared = db.prepare<Array<unknown>>(sql)
    if (known.size >= preparedAtMost) known.clear()
    known.set(sql, prepared)
    return prepared
  }
}

const connectionTo = (db: Database.Database): Connection => {
  const prepare = prepares(db)
  const attempt = <A>(work: (safeIntegers: boolean) => A): Effect.Effect<A, SqlError> =>
    Effect.withFiberRuntime((fiber) =>
      Effect.try({
        try: () => work(Context.get(fiber.currentContext, SqlClient.SafeIntegers)),
        catch: (cause) => new SqlError({ cause, message: "Failed to execute statement" })
      })
    )
  const run = (statement: Prepared, params: ReadonlyArray<unknown>, safeIntegers: boolean, raw: boolean) => {
    if (!statement.reader) {
      statement.run(...params)
      return []
    }
    statement.safeIntegers(safeIntegers)
    statement.raw(raw)
    return statement.all(...params)
  }
  const execute: Connection["execute"] = (sql, params, transformRows) => {
    // What SQLite answers is rows as objects, unless it is asked for arrays.
    const rows = attempt((safe) => run(prepare(sql), params, safe, false) as ReadonlyArray<Row>)
    return transformRows === undefined ? rows : Effect.map(rows, transformRows)
  }
  return {
    execute,
    executeRaw: (sql, params) => attempt((safe) => run(prepare(sql), params, safe, false)),
    executeValues: (sql, params) =>
      attempt((safe) => run(prepare(sql), params, safe, true) as ReadonlyArray<ReadonlyArray<unknown>>),
    executeUnprepared: (sql, params, transformRows) => {
      const rows = attempt((safe) => run(db.prepare(sql), params, safe, false) as ReadonlyArray<Row>)
      return transformRows === undefined ? rows : Effect.map(rows, transformRows)
    },
    executeStream: () => {
      throw new Error("A SQLite file of effect-dashscope-bulk gives no streams.")
    }
  }
}

const settings = [
  // The file belongs to this process as long as it is open: a second one is refused instead of doing the same work.
  "PRAGMA locking_mode = EXCLUSIVE",
  "PRAGMA journal_mode = WAL",
  // What was committed survives the process. A loss of power may take the last moments with it, and never leaves a broken file.
  "PRAGMA synchronous = NORMAL",
  // Takes the lock now.
  "BEGIN EXCLUSIVE",
  "COMMIT"
]

/**
 * Gives the file back at once. Closing alone does so when the last compiled statement is collected as garbage, since libSQL cannot be
 * told to let go of them.
 */
const farewell = [
  "PRAGMA journal_mode = DELETE",
  "PRAGMA locking_mode = NORMAL",
  "SELECT count(*) FROM sqlite_master"
]

const close = (db: Database.Database) =>
  Effect.sync(() => {
    try {
      for (const statement of farewell) db.prepare(statement).all()
    } finally {
      db.close()
    }
  })

const open = (filename: string): Effect.Effect<Database.Database, SqlError> =>
  Effect.try({
    try: () => {
      const db = new Database(filename)
      try {
        for (const setting of settings) db.prepare(setting).all()
      } catch (cause) {
        db.close()
        throw cause
      }
      return db
    },
    catch: (cause) =>
      new SqlError({
        cause,
        message: cause instanceof Error && /locked|busy/i.test(cause.message)
          ? `Another process works with ${filename}`
          : `Cannot open ${filename}`
      })
  })

/** The file is created where there is none; its folder has to be there. */
export const layer = (filename: string): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.scoped(
    SqlClient.SqlClient,
    Effect.gen(function*() {
      const db = yield* Effect.acquireRelease(open(filename), close)
      const connection = connectionTo(db)
      // One connection: who is in a transaction has it alone.
      const semaphore = yield* Effect.makeSemaphore(1)
      return yield* SqlClient.make({
        acquirer: semaphore.withPermits(1)(Effect.succeed(connection)),
        transactionAcquirer: Effect.uninterruptibleMask((restore) =>
          restore(semaphore.take(1)).pipe(
            Effect.zipRight(Effect.scope),
            Effect.tap((scope) => Scope.addFinalizer(scope, semaphore.release(1))),
            Effect.as(connection)
          )
        ),
        compiler: Statement.makeCompilerSqlite(),
        spanAttributes: [["db.system.name", "sqlite"]]
      })
    })
  ).pipe(Layer.provide(Reactivity.layer))
