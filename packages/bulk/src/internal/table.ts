/**
 * Results as rows of a table.
 *
 * @internal
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { ResultsError } from "../BulkError.js"
import type { Done, Failed, Known, Sink } from "../Sink.js"

interface KnownRow {
  readonly input_key: string
  readonly failed: number | bigint | string
  readonly attempt: number | bigint | string
}

/** A type and no interface: it is taken as a record. */
type ResultRow = {
  readonly job: string
  readonly input_key: string
  readonly failed: number
  readonly attempt: number
  readonly output: string | null
  readonly input: string | null
  readonly error: string | null
  readonly message: string | null
}

/** Machines that create it at the same moment: Postgres refuses all but one. */
const again = Schedule.intersect(Schedule.spaced("200 millis"), Schedule.recurs(5))

const create = (sql: SqlClient.SqlClient, table: string) => {
  const { key, text } = sql.onDialectOrElse({
    mysql: () => ({ key: sql.literal("VARCHAR(255)"), text: sql.literal("LONGTEXT") }),
    orElse: () => ({ key: sql.literal("TEXT"), text: sql.literal("TEXT") })
  })
  return sql`CREATE TABLE IF NOT EXISTS ${sql(table)} (
    job ${key} NOT NULL,
    input_key ${key} NOT NULL,
    failed INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    output ${text},
    input ${text},
    error ${text},
    message ${text},
    PRIMARY KEY (job, input_key)
  )`.pipe(Effect.retry(again))
}

/** Writes a row that is news, in one statement where the database has one for it, and tells whether it did. */
const writer = (sql: SqlClient.SqlClient, table: string): (row: ResultRow) => Effect.Effect<boolean, SqlError> => {
  const into = sql(table)
  return sql.onDialectOrElse({
    mysql: () => (row: ResultRow) => {
      const changed = (result: unknown) =>
        typeof result === "object" && result !== null && "affectedRows" in result && Number(result.affectedRows) > 0
      const { failed, attempt, output, input, error, message } = row
      return Effect.flatMap(
        sql`INSERT IGNORE INTO ${into} ${sql.insert(row)}`.raw,
        (inserted) =>
          changed(inserted) || row.attempt === 0
            ? Effect.succeed(changed(inserted))
            : Effect.map(
              sql`UPDATE ${into} SET ${sql.update({ failed, attempt, output, input, error, message })}
              WHERE job = ${row.job} AND input_key = ${row.input_key} AND failed = 1 AND attempt < ${attempt}`.raw,
              changed
            )
      )
    },
    orElse: () => (row: ResultRow) =>
      Effect.map(
        sql`INSERT INTO ${into} ${sql.insert(row)}
          ON CONFLICT (job, input_key) DO UPDATE SET failed = excluded.failed, attempt = excluded.attempt, output = excluded.output,
            input = excluded.input, error = excluded.error, message = excluded.message
          WHERE ${into}.failed = 1 AND ${into}.attempt < excluded.attempt
          RETURNING input_key`,
        (rows) => rows.length > 0
      )
  })
}

/** @internal */
export const open = (table: string, job: string): Effect.Effect<Sink, ResultsError, SqlClient.SqlClient> =>
  Effect.gen(function*() {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const refused = (what: string) => Effect.mapError((cause: SqlError) => failure(table, what, cause))
    yield* refused("the table cannot be created")(create(sql, table))
    const write = writer(sql, table)
    const knownOf = (keys: ReadonlyArray<string>) =>
      sql<KnownRow>`SELECT input_key, failed, attempt FROM ${sql(table)} WHERE job = ${job} AND ${
        sql.in("input_key", keys)
      }`.pipe(Effect.map((rows) =>
        new Map<string, Known>(
          rows.map((row) => [row.input_key, { failed: Number(row.failed) === 1, attempt: Number(row.attempt) }])
        )
      ))
    return {
      known: (keys) => keys.length === 0 ? Effect.succeed(new Map()) : refused("results cannot be read")(knownOf(keys)),
      done: ({ attempt, key, output }: Done) =>
        refused("a result cannot be written")(write({
          job,
          input_key: key,
          failed: 0,
          attempt,
          output: JSON.stringify(output),
          input: null,
          error: null,
          message: null
        })),
      failed: ({ attempt, error, input, key, message }: Failed) =>
        refused("a result cannot be written")(write({
          job,
          input_key: key,
          failed: 1,
          attempt,
          output: null,
          input: JSON.stringify(input),
          error: error === undefined ? null : JSON.stringify(error),
          message
        })),
      finish: Effect.void
    } satisfies Sink
  })

const failure = (table: string, what: string, cause: SqlError) =>
  new ResultsError({
    where: `table ${table}`,
    description: `${what}: ${cause.cause instanceof Error ? cause.cause.message : cause.message}`,
    cause
  })
