import { Data, Effect } from "effect"
import { parseArgs } from "node:util"

export class Usage extends Data.TaggedError("Usage")<{ readonly message: string }> {}

export interface Options {
  readonly ascii: boolean
  /** Whether `AdaptiveConcurrency` stands between the callers and the pool. */
  readonly adaptive: boolean
  readonly seconds: number | undefined
}

const known = {
  seconds: { type: "string" },
  ascii: { type: "boolean", default: false },
  adaptive: { type: "boolean", default: false }
} as const

/** Reads the arguments of the command line. */
export const parse = (args: ReadonlyArray<string>): Effect.Effect<Options, Usage> =>
  Effect.try({
    try: () => parseArgs({ args: [...args], options: known }).values,
    catch: (error) => new Usage({ message: error instanceof Error ? error.message : String(error) })
  }).pipe(
    Effect.flatMap(({ adaptive, ascii, seconds }) =>
      seconds === undefined || /^[1-9]\d{0,5}$/.test(seconds)
        ? Effect.succeed({ adaptive, ascii, seconds: seconds === undefined ? undefined : Number(seconds) })
        : new Usage({ message: `--seconds "${seconds}" is not a number from 1 to 999999` })
    )
  )
