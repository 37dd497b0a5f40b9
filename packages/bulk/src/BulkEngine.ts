/**
 * What keeps jobs: `@effect/workflow` on `@effect/cluster`, with SQL as its storage.
 *
 * Any layer of the cluster that gives a `WorkflowEngine` will do. These are two with settings for bulk jobs.
 *
 * @since 0.1.0
 */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import type * as MessageStorage from "@effect/cluster/MessageStorage"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as Runners from "@effect/cluster/Runners"
import * as RunnerStorage from "@effect/cluster/RunnerStorage"
import * as Sharding from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as SqlRunnerStorage from "@effect/cluster/SqlRunnerStorage"
import type { SqlClient } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Sqlite from "./internal/sqlite.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface EmbeddedOptions {
  /** The SQLite file. It is created where there is none, and belongs to one process at a time. */
  readonly filename: string
  /** How long closing waits for inputs in flight before it interrupts them. Default: 15 seconds. */
  readonly shutdownTimeout?: Duration.DurationInput | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ClusterOptions {
  /**
   * What the names of the tables begin with. Programs that run different jobs need different ones. Default: `bulk`.
   */
  readonly prefix?: string | undefined
  /**
   * What this process is known by, among those that run at the same time. One that starts again under its name goes on with its own
   * work at once; two that share a name do the same work twice. Good names are those of hosts or of a StatefulSet's pods. Default: a
   * new name at each start, whose work is taken over after `takeOverAfter`.
   */
  readonly machine?: string | undefined
  /**
   * A machine that is silent for so long is taken for dead, and others do its work. Default: 35 seconds. A machine has a quarter of it
   * for each sign of life, and gives up its inputs where the database does not take it in that time: a few seconds are too short for
   * a busy one.
   */
  readonly takeOverAfter?: Duration.DurationInput | undefined
  /** How often a machine looks for work that others gave it, and for answers. Default: 200 milliseconds. */
  readonly pollInterval?: Duration.DurationInput | undefined
  /**
   * How long inputs in flight may go on when their machine leaves, or gives them to one that joins, before they are interrupted
   * and asked again there. Default: 15 seconds.
   */
  readonly shutdownTimeout?: Duration.DurationInput | undefined
}

/** What both have in common. */
const settings = (shutdownTimeout: Duration.DurationInput | undefined) => ({
  entityTerminationTimeout: shutdownTimeout ?? "15 seconds",
  // An execution that has ended stays in memory for so long. Nobody asks it anything.
  entityMaxIdleTime: "5 seconds",
  // A job that is not there yet must not cost its inputs their calls: they wait, and a warning says so.
  entityRegistrationTimeout: Duration.infinity,
  simulateRemoteSerialization: false
} as const)

/**
 * In this process, kept in a SQLite file: nothing to install, nothing to start. The file is locked as long as the layer lives; a
 * second process fails with a `SqlError` that says so. What was answered survives `kill -9`.
 *
 * Gives the `SqlClient` of the file too, for results in a table beside it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEmbedded = (
  options: EmbeddedOptions
): Layer.Layer<WorkflowEngine | Sharding.Sharding | MessageStorage.MessageStorage | SqlClient, SqlError> =>
  ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(Sharding.layer),
    Layer.provide(Runners.layerNoop),
    Layer.provideMerge(SqlMessageStorage.layerWith({ prefix: "bulk" })),
    Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
    Layer.provide(ShardingConfig.layer({
      ...settings(options.shutdownTimeout),
      // What is asked for here is seen at once. This is for the rest.
      entityMessagePollInterval: "1 second",
      // There is this process only, and it warns of its own absence when it leaves.
      refreshAssignmentsInterval: "1 day"
    })),
    Layer.provideMerge(Sqlite.layer(options.filename))
  )

/** Machines that start together create the same tables, which Postgres refuses to all but one. */
const togetherAtStart = Schedule.spaced("200 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(20)))

/**
 * On as many machines as run the program, kept in one database: Postgres (`PgClient.layer` of `@effect/sql-pg`) or MySQL
 * (`MysqlClient.layer` of `@effect/sql-mysql2`). Machines speak to the database only, and need no address of their own.
 *
 * Inputs are spread over the machines that are there. What was in flight on one that dies is asked again by another, after
 * `takeOverAfter`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerCluster = (
  options?: ClusterOptions
): Layer.Layer<WorkflowEngine | Sharding.Sharding | MessageStorage.MessageStorage, never, SqlClient> => {
  const prefix = options?.prefix ?? "bulk"
  const pollInterval = options?.pollInterval ?? "200 millis"
  const takeOverAfter = Duration.decode(options?.takeOverAfter ?? "35 seconds")
  const config = Layer.effect(
    ShardingConfig.ShardingConfig,
    Effect.sync(() => ({
      ...ShardingConfig.defaults,
      ...settings(options?.shutdownTimeout),
      // A name only: nobody dials it.
      runnerAddress: Option.some(RunnerAddress.make(options?.machine ?? globalThis.crypto.randomUUID(), 0)),
      shardLockExpiration: takeOverAfter,
      shardLockRefreshInterval: Duration.times(takeOverAfter, 1 / 4),
      // Advisory locks of Postgres have numbers, not names: clusters in one database would lock each other out.
      shardLockDisableAdvisory: true,
      refreshAssignmentsInterval: Duration.min(takeOverAfter, "1 second"),
      entityMessagePollInterval: pollInterval,
      entityReplyPollInterval: pollInterval
    }))
  )
  return ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(Sharding.layer),
    Layer.provide(Runners.layerNoop),
    Layer.provideMerge(retried(SqlMessageStorage.layerWith({ prefix }))),
    Layer.provide([retried(SqlRunnerStorage.layerWith({ prefix })), RunnerHealth.layerNoop]),
    Layer.provide(config)
  )
}

const retried = <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, never, R> =>
  layer.pipe(
    Layer.catchAllCause((cause) => Layer.fail(cause)),
    Layer.retry(togetherAtStart),
    Layer.catchAll((cause) => Layer.failCause(cause)),
    Layer.orDie
  )
