/** The rounds. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import { type Build, build, foreignImports, packageFolder, type Programs } from "./build.js"
import { baseline, dashscopeEntries, needed, neededOn4, type Subject, subjects } from "./clients.js"
import * as Effect4 from "./effect4.js"
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

const isOn4 = ({ twinOf }: Subject): boolean => twinOf !== undefined

const entrants = (chosen: ReadonlyArray<Subject>, measure: Measure): ReadonlyArray<Entrant> => {
  const of = (subjects: ReadonlyArray<Subject>): ReadonlyArray<Entrant> =>
    subjects.map((subject) => ({ name: subject.name, title: subject.title, subject }))
  switch (measure._tag) {
    case "Worker":
      return of(chosen.filter((subject) =>
        (measure.only === "all" || subject.runtime === "node") &&
        (measure.needs !== "bounded" || subject.bounded) &&
        (measure.clients === undefined || measure.clients.includes(subject.twinOf ?? subject.name))
      ))
    case "Import":
    case "Size": {
      // Variants of a client are one program here.
      const seen = new Set<string>()
      const programs = chosen.filter((subject) => {
        const key = `${isOn4(subject)} ${subject.imports.join()}`
        const isNew = !seen.has(key)
        seen.add(key)
        return subject.runtime === "node" && subject.imports.length > 0 && isNew
      })
      const ofOurs = programs.filter(({ packages }) => packages.includes("effect-dashscope"))
      return measure._tag === "Import"
        ? [
          ...of(programs),
          ...ofOurs.map((subject) => ({ ...(isOn4(subject) ? neededOn4 : needed), subject: undefined }))
        ]
        : of(programs)
    }
  }
}

const subjectsOf = (options: Options): ReadonlyArray<Subject> => {
  const { clients, mode } = options
  if (clients === undefined) {
    return subjects.filter((subject) => !isOn4(subject) && (subject.quick || mode.name === "full"))
  }
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
    patienceMillis: (measure.patience ?? 1) * mode.patienceMillis,
    windowMillis: mode.windowMillis,
    profile: profile === undefined ? undefined : profileFile(profile, client, measure.name)
  }
}

interface Setting {
  readonly options: Options
  readonly build: Build
  /** Undefined where no client is on Effect 4. */
  readonly effect4: Effect4.Effect4 | undefined
  /** What runs the clients of Node. */
  readonly node: string
  readonly server: Server
  readonly pinning: Machine.Pinning
  readonly cores: number
  readonly others: Others.Others
}

const nodeProgram = ({ node }: Setting, file: string, args: ReadonlyArray<string>): Program => ({
  command: node,
  args: ["--no-warnings", "--expose-gc", file, ...args]
})

const programsFor = ({ build, effect4 }: Setting, on4: boolean): Programs =>
  on4 && effect4 !== undefined ? effect4 : build

const workerProgram = (setting: Setting, subject: Subject, task: Task): Either.Either<Program, string> => {
  const { runtime } = subject
  if (runtime === "node") {
    return Either.right(nodeProgram(setting, programsFor(setting, isOn4(subject)).worker, [JSON.stringify(task)]))
  }
  const other = setting.others[runtime]
  return other === undefined ? Either.left("not set up") : Either.map(other, ({ program }) => program(task))
}

/** What effect-dashscope loads from others. */
const loadedBy = ({ library }: Programs): Effect.Effect<ReadonlyArray<string>, BenchmarkFailed> =>
  Effect.tryPromise({
    try: () => foreignImports(library, dashscopeEntries),
    catch: (cause) => new BenchmarkFailed({ message: messageOf(cause) })
  })

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
    case "Import": {
      const programs = programsFor(setting, subject === undefined ? name === neededOn4.name : isOn4(subject))
      return Effect.flatMap(
        subject === undefined ? loadedBy(programs) : Effect.succeed(subject.imports),
        (imports) => runWorker(nodeProgram(setting, programs.importTime, imports), setting)
      )
    }
    case "Size":
      return Effect.tryPromise({
        try: async () => ({
          numbers: await installedSize(
            subject?.packages ?? [],
            programsFor(setting, subject !== undefined && isOn4(subject)).folder
          ),
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

/** How many rounds are over when so many units are. */
export const wholeRounds = (units: ReadonlyArray<Pick<Unit, "round">>, done: number): number =>
  units[done]?.round ?? (units.at(-1)?.round ?? -1) + 1

const runAll = (
  setting: Setting,
  units: ReadonlyArray<Unit>,
  shown: Progress
): Effect.Effect<Pick<Results, "samples" | "missing"> & { readonly left: number }, BenchmarkFailed> =>
  Effect.gen(function*() {
    const samples: Array<Sample> = []
    const missing = new Map<string, Missing>()
    let left = units.length
    const end = performance.now() + setting.options.within * 60_000
    for (const { entrant, measure, round } of units) {
      if (performance.now() >= end) break
      left--
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
    return { samples, missing: [...missing.values()], left }
  })

const versionsOf = (
  chosen: ReadonlyArray<Subject>,
  others: Others.Others,
  effect4: Effect4.Effect4 | undefined,
  folder: string
) =>
  Effect.promise(async () => {
    const out: Record<string, string> = {}
    const packages = new Set(chosen.flatMap(({ packages }) => packages))
    for (const name of packages) out[name] = (await versionOf(name, folder)) ?? "?"
    for (const other of Object.values(others)) {
      if (Either.isRight(other)) Object.assign(out, other.right.versions)
    }
    return { ...out, ...effect4?.versions }
  })

/** Clients whose runtime, or line of Effect, cannot be had here. */
const skippedOf = (
  wanted: ReadonlyArray<Subject>,
  others: Others.Others,
  effect4: Either.Either<unknown, string> | undefined
): ReadonlyArray<Missing> =>
  wanted.flatMap((subject) => {
    const { name, runtime } = subject
    const other = isOn4(subject) ? effect4 : runtime === "node" ? undefined : others[runtime]
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
    const prepared = wanted.some(isOn4) ? yield* Effect4.prepare(built) : undefined
    const effect4 = prepared === undefined ? undefined : Either.getOrUndefined(prepared)
    const skipped = skippedOf(wanted, others, prepared)
    for (const { client, reason } of skipped) yield* Console.error(`Skipped: ${client}. ${reason}`)
    const chosen = wanted.filter(({ name }) => !skipped.some(({ client }) => client === name))
    if (options.profile !== undefined) yield* prepareProfiles(options.profile)
    const server = yield* startServer(built.server, pinning)
    const units = schedule(chosen, taken, options.mode)
    const shown = yield* progress(units.length)
    const { left, missing, samples } = yield* runAll(
      {
        options,
        build: built,
        effect4,
        node: effect4?.node ?? process.execPath,
        server,
        pinning,
        cores: machine.cores,
        others
      },
      units,
      shown
    )
    return {
      mode: options.mode.name,
      startedAt: startedAt.toISOString(),
      seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
      machine: { ...machine, node: effect4?.nodeVersion ?? machine.node },
      pinning: describe(pinning),
      versions: yield* versionsOf(chosen, others, effect4, packageFolder),
      clients: [...chosen.map(({ name }) => name), needed.name, ...(effect4 === undefined ? [] : [neededOn4.name])],
      measures: taken.map(({ name }) => name),
      rounds: wholeRounds(units, units.length - left),
      isCut: left > 0,
      samples,
      missing: [...skipped, ...missing]
    }
  })
