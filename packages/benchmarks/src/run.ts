/** The rounds. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import { type Build, build, foreignImports, packageFolder } from "./build.js"
import { baseline, dashscopeEntries, needed, type Subject, subjects } from "./clients.js"
import { BenchmarkFailed, messageOf, WorkerFailed } from "./failure.js"
import { installedSize, versionOf } from "./installedSize.js"
import * as Machine from "./machine.js"
import { type Measure, measures, type Mode, urlOf, type WorkerMeasure } from "./measures.js"
import type { Options } from "./options.js"
import * as Others from "./others.js"
import { prepareProfiles, profileFile } from "./profiles.js"
import { type Progress, progress } from "./progress.js"
import type { Missing, Results, Sample } from "./results.js"
import { type Server, startServer } from "./serverProcess.js"
import { rotate } from "./statistics.js"
import type { Task } from "./task.js"
import { type Outcome, type Program, runWorker } from "./workerProcess.js"

/** Who takes part in a measure: a client, or the modules that ours needs. */
interface Entrant {
  readonly name: string
  readonly title: string
  readonly subject: Subject | undefined
}

const entrants = (chosen: ReadonlyArray<Subject>, measure: Measure): ReadonlyArray<Entrant> => {
  const of = (subjects: ReadonlyArray<Subject>): ReadonlyArray<Entrant> =>
    subjects.map((subject) => ({ name: subject.name, title: subject.title, subject }))
  switch (measure._tag) {
    case "Worker":
      return of(chosen.filter((subject) =>
        (measure.only === "all" || subject.runtime === "node") &&
        (measure.needs !== "bounded" || subject.bounded) &&
        (measure.clients === undefined || measure.clients.includes(subject.name))
      ))
    case "Import":
    case "Size": {
      // Variants of a client are one program here.
      const seen = new Set<string>()
      const programs = chosen.filter(({ imports, runtime }) => {
        const key = imports.join()
        const isNew = !seen.has(key)
        seen.add(key)
        return runtime === "node" && imports.length > 0 && isNew
      })
      const hasOurs = programs.some(({ packages }) => packages.includes("effect-dashscope"))
      return measure._tag === "Import" && hasOurs
        ? [...of(programs), { ...needed, subject: undefined }]
        : of(programs)
    }
  }
}

const subjectsOf = (options: Options): ReadonlyArray<Subject> => {
  const { clients, mode } = options
  if (clients === undefined) return subjects.filter(({ quick }) => quick || mode.name === "full")
  const wanted = options.profile === undefined ? [baseline, ...clients] : clients
  return subjects.filter(({ name }) => wanted.includes(name))
}

const measuresOf = (options: Options): ReadonlyArray<Measure> => {
  const { measures: names, mode } = options
  if (names !== undefined) return measures.filter(({ name }) => names.includes(name))
  const ofMode = measures.filter(({ quick }) => quick || mode.name === "full")
  return options.profile === undefined ? ofMode : ofMode.filter(({ _tag }) => _tag === "Worker")
}

const taskOf = (
  measure: WorkerMeasure,
  client: string,
  mode: Mode,
  server: Server,
  profile: string | undefined
): Task => {
  const { behaviour, ...task } = measure.task(mode)
  return {
    ...task,
    client,
    ...(measure.tls === true
      ? { url: urlOf("https", server.tlsPort, behaviour), ca: server.ca }
      : { url: urlOf("http", server.port, behaviour) }),
    batchMillis: mode.batchMillis,
    patienceMillis: mode.patienceMillis,
    windowMillis: mode.windowMillis,
    profile: profile === undefined ? undefined : profileFile(profile, client, measure.name)
  }
}

interface Setting {
  readonly options: Options
  readonly build: Build
  readonly server: Server
  readonly pinning: Machine.Pinning
  readonly cores: number
  readonly others: Others.Others
  /** What effect-dashscope loads from others. */
  readonly needed: ReadonlyArray<string>
}

const nodeProgram = (file: string, args: ReadonlyArray<string>): Program => ({
  command: process.execPath,
  args: ["--no-warnings", "--expose-gc", file, ...args]
})

const workerProgram = (
  { build, others }: Setting,
  { runtime }: Subject,
  task: Task
): Either.Either<Program, string> => {
  if (runtime === "node") return Either.right(nodeProgram(build.worker, [JSON.stringify(task)]))
  const other = others[runtime]
  return other === undefined ? Either.left("not set up") : Either.map(other, ({ program }) => program(task))
}

/** One client, one measure, one round; or why not. */
const measureOnce = (
  setting: Setting,
  measure: Measure,
  { name, subject }: Entrant
): Effect.Effect<Outcome, WorkerFailed | BenchmarkFailed> => {
  const { options, server } = setting
  switch (measure._tag) {
    case "Worker": {
      if (subject === undefined) return Effect.dieMessage(`${name} is no client`)
      const task = taskOf(measure, subject.name, options.mode, server, options.profile)
      return Either.match(workerProgram(setting, subject, task), {
        onLeft: (message) => Effect.fail(new WorkerFailed({ message })),
        onRight: (program) => runWorker(program, setting)
      })
    }
    case "Import":
      return runWorker(nodeProgram(setting.build.importTime, subject?.imports ?? setting.needed), setting)
    case "Size":
      return Effect.tryPromise({
        try: async () => ({
          numbers: await installedSize(subject?.packages ?? [], setting.build.folder),
          seen: undefined
        }),
        catch: (cause) => new WorkerFailed({ message: messageOf(cause) })
      })
  }
}

interface Unit {
  readonly round: number
  readonly measure: Measure
  readonly entrant: Entrant
}

/** All rounds, in the order in which they run: each measure in each round once, and every client first in some round. */
export const schedule = (
  chosen: ReadonlyArray<Subject>,
  measures: ReadonlyArray<Measure>,
  { name, rounds }: Mode
): ReadonlyArray<Unit> => {
  const roundsOf = ({ maxRounds }: Measure) =>
    Number.isFinite(maxRounds) && name !== "full" ? 1 : Math.min(rounds, maxRounds)
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
    measures.filter((measure) => round < roundsOf(measure)).flatMap((measure) =>
      rotate(entrants(chosen, measure), round).map((entrant) => ({ round, measure, entrant }))
    )
  )
}

const runAll = (
  setting: Setting,
  units: ReadonlyArray<Unit>,
  shown: Progress
): Effect.Effect<Pick<Results, "samples" | "missing">, BenchmarkFailed> =>
  Effect.gen(function*() {
    const samples: Array<Sample> = []
    const missing = new Map<string, Missing>()
    for (const { entrant, measure, round } of units) {
      const key = `${measure.name} ${entrant.name}`
      yield* shown.begin(`round ${round + 1}, ${measure.title}: ${entrant.name}`)
      // What failed once is not tried again: a run has no time for it.
      if (!missing.has(key)) {
        const outcome = yield* measureOnce(setting, measure, entrant).pipe(
          Effect.map((outcome) => Either.right(outcome)),
          Effect.catchTag("WorkerFailed", (error) => Effect.succeed(Either.left(error)))
        )
        if (Either.isRight(outcome)) {
          const { numbers, seen } = outcome.right
          samples.push({
            measure: measure.name,
            client: entrant.name,
            round,
            values: measure.values(numbers),
            ...(numbers["settled"] === undefined ? undefined : { isSettled: numbers["settled"] === 1 }),
            ...(seen === undefined ? undefined : { seen })
          })
        } else {
          missing.set(key, {
            client: entrant.name,
            measure: measure.name,
            reason: outcome.left.message,
            isSkipped: false
          })
        }
      }
      yield* shown.done
    }
    return { samples, missing: [...missing.values()] }
  })

const versionsOf = (chosen: ReadonlyArray<Subject>, others: Others.Others, folder: string) =>
  Effect.promise(async () => {
    const out: Record<string, string> = {}
    const packages = new Set(chosen.flatMap(({ packages }) => packages))
    for (const name of packages) out[name] = (await versionOf(name, folder)) ?? "?"
    for (const other of Object.values(others)) {
      if (Either.isRight(other)) Object.assign(out, other.right.versions)
    }
    return out
  })

/** Clients whose runtime cannot be had here. */
const skippedOf = (wanted: ReadonlyArray<Subject>, others: Others.Others): ReadonlyArray<Missing> =>
  wanted.flatMap(({ name, runtime }) => {
    const other = runtime === "node" ? undefined : others[runtime]
    return other === undefined || Either.isRight(other) ? [] : [{ client: name, reason: other.left, isSkipped: true }]
  })

const describe = (pinning: Machine.Pinning): string =>
  pinning._tag === "Pinned"
    ? `client pinned to core ${pinning.client}, server to core ${pinning.server}`
    : `client and server not pinned to cores (${pinning.why})`

/** Runs what the options ask for. */
export const run = (
  options: Options
): Effect.Effect<Results, BenchmarkFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const wanted = subjectsOf(options)
    const taken = measuresOf(options)
    const startedAt = new Date()
    const pinning = yield* Machine.pinning
    const machine = yield* Machine.machine
    const built = yield* build(options.profile !== undefined)
    const others = yield* Others.prepare(new Set(wanted.map(({ runtime }) => runtime)))
    const skipped = skippedOf(wanted, others)
    for (const { client, reason } of skipped) yield* Console.error(`Skipped: ${client}. ${reason}`)
    const chosen = wanted.filter(({ name }) => !skipped.some(({ client }) => client === name))
    if (options.profile !== undefined) yield* prepareProfiles(options.profile)
    const server = yield* startServer(built.server, pinning)
    const loaded = yield* Effect.tryPromise({
      try: () => foreignImports(built.library, dashscopeEntries),
      catch: (cause) => new BenchmarkFailed({ message: messageOf(cause) })
    })
    const units = schedule(chosen, taken, options.mode)
    const shown = yield* progress(units.length)
    const { missing, samples } = yield* runAll(
      { options, build: built, server, pinning, cores: machine.cores, others, needed: loaded },
      units,
      shown
    )
    return {
      mode: options.mode.name,
      startedAt: startedAt.toISOString(),
      seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
      machine,
      pinning: describe(pinning),
      versions: yield* versionsOf(chosen, others, packageFolder),
      clients: [...chosen.map(({ name }) => name), needed.name],
      measures: taken.map(({ name }) => name),
      rounds: options.mode.rounds,
      samples,
      missing: [...skipped, ...missing]
    }
  })
