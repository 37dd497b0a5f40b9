/** The command line. */
import * as Either from "effect/Either"
import { parseArgs } from "node:util"
import { lines, subjects } from "./clients.js"
import { messageOf } from "./failure.js"
import { lineMeasures, measures, type Mode, modes } from "./measures.js"

export interface Options {
  readonly mode: Mode
  /** Undefined for all that the mode has. */
  readonly clients: ReadonlyArray<string> | undefined
  readonly measures: ReadonlyArray<string> | undefined
  /** Where reports go; undefined for nowhere. */
  readonly out: string | undefined
  /** After how many minutes nothing more is begun. */
  readonly within: number
  /** Where CPU profiles go. */
  readonly profile: string | undefined
}

export type Request = { readonly _tag: "Help" } | { readonly _tag: "Run"; readonly options: Options }

const list = (items: ReadonlyArray<{ readonly name: string }>, indent: string): string => {
  const lines: Array<string> = [""]
  for (const { name } of items) {
    const last = lines.length - 1
    if (`${lines[last] ?? ""} ${name},`.length > 90) lines.push(`${name},`)
    else lines[last] = `${lines[last] ?? ""} ${name},`.trim()
  }
  return lines.join(`\n${indent}`).replace(/,$/, "")
}

export const help = `npm run bench -- [options]

Measures what HTTP and model clients cost, side by side, against a server of their own on this machine.

  --quick              a first look in about two minutes: short windows, few measures
  --only <client,…>    these clients (and raw undici beside them, to compare with)
  --measure <name,…>   these measures
  --lines              effect-dashscope on Effect 3 and on Effect 4, all under a Node that Effect 4 wants
  --rounds <n>         how often everything is measured; default ${modes.full.rounds}, with --quick ${modes.quick.rounds}
  --within <minutes>   what is not begun by then is left out: fewer rounds of all that is measured
  --out <folder>       where the report goes; default docs/benchmarks, and docs/benchmarks/quick with --quick or
                       docs/benchmarks/lines with --lines;
                       with --only or --measure nothing is written unless this says where
  --profile [<folder>] a CPU profile of the measured time of each client and measure, and its most expensive functions;
                       default folder packages/benchmarks/dist/profiles
  --help

clients   ${list(subjects, "          ")}
measures  ${list(measures, "          ")}

Those of Python and Java need python3, or java, javac and mvn; what they lack is set up on their first run, as are the
packages of those on Effect 4, which run with --lines or where they are named.`

const definitions = {
  quick: { type: "boolean" },
  lines: { type: "boolean" },
  only: { type: "string", multiple: true },
  measure: { type: "string", multiple: true },
  rounds: { type: "string" },
  within: { type: "string" },
  out: { type: "string" },
  profile: { type: "string" },
  help: { type: "boolean" }
} as const

const names = (
  option: string,
  given: ReadonlyArray<string> | undefined,
  known: ReadonlyArray<{ readonly name: string }>
): Either.Either<ReadonlyArray<string> | undefined, string> => {
  if (given === undefined) return Either.right(undefined)
  const wanted = given.flatMap((names) => names.split(",")).map((name) => name.trim()).filter((name) => name !== "")
  const unknown = wanted.filter((name) => !known.some((item) => item.name === name))
  return unknown.length > 0
    ? Either.left(`--${option} knows no ${unknown.join(", ")}; it knows ${known.map(({ name }) => name).join(", ")}`)
    : wanted.length === 0
    ? Either.left(`--${option} wants a name`)
    : Either.right(wanted)
}

/** `--profile` may stand alone, which `parseArgs` has no notion of. */
const withProfileFolder = (args: ReadonlyArray<string>, folder: string): Array<string> =>
  args.flatMap((arg, i) => {
    const next = args[i + 1]
    return arg === "--profile" && (next === undefined || next.startsWith("--")) ? [arg, folder] : [arg]
  })

/** Folders that are not given are named relative to the root of the repository. */
export const read = (args: ReadonlyArray<string>): Either.Either<Request, string> =>
  Either.gen(function*() {
    const { values } = yield* Either.try({
      try: () =>
        parseArgs({ args: withProfileFolder(args, "packages/benchmarks/dist/profiles"), options: definitions }),
      catch: messageOf
    })
    if (values.help === true) return { _tag: "Help" as const }
    const mode = values.quick === true ? modes.quick : modes.full
    const rounds = values.rounds === undefined ? mode.rounds : Number(values.rounds)
    if (!Number.isInteger(rounds) || rounds < 1) {
      return yield* Either.left(`--rounds wants a whole number, not ${values.rounds}`)
    }
    const within = values.within === undefined ? Infinity : Number(values.within)
    if (!(within > 0)) return yield* Either.left(`--within wants minutes, not ${values.within}`)
    const clients = yield* names("only", values.only, subjects)
    const chosen = yield* names("measure", values.measure, measures)
    const isPart = clients !== undefined || chosen !== undefined || values.profile !== undefined
    const ofLines = values.lines === true
    const folder = ofLines
      ? "docs/benchmarks/lines"
      : values.quick === true
      ? "docs/benchmarks/quick"
      : "docs/benchmarks"
    return {
      _tag: "Run" as const,
      options: {
        mode: { ...mode, rounds: values.profile === undefined ? rounds : 1 },
        clients: clients ?? (ofLines ? lines : undefined),
        measures: chosen ?? (ofLines ? lineMeasures : undefined),
        out: values.out ?? (isPart ? undefined : folder),
        within,
        profile: values.profile
      }
    }
  })
