import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { availableParallelism, cpus, totalmem } from "node:os"
import { messageOf } from "./failure.js"

/** On which core the client runs, and on which the server; or why on any. */
export type Pinning =
  | { readonly _tag: "Pinned"; readonly client: number; readonly server: number }
  | { readonly _tag: "Unpinned"; readonly why: string }

/** `0-2,5`, as Linux writes a set of cores. */
export const parseCores = (list: string): ReadonlyArray<number> =>
  list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map((part) => Number.parseInt(part, 10))
    return first === undefined || last === undefined || Number.isNaN(first) || Number.isNaN(last)
      ? []
      : Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })

const allowedCores = (): ReadonlyArray<number> => {
  const [, list = ""] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? []
  return parseCores(list)
}

const pinningHere = (): Pinning => {
  if (process.platform !== "linux") return { _tag: "Unpinned", why: `no taskset on ${process.platform}` }
  const cores = allowedCores()
  const client = cores[0]
  const server = cores[cores.length - 1]
  if (client === undefined || server === undefined || client === server) {
    return { _tag: "Unpinned", why: "one core only" }
  }
  const { error, status } = spawnSync("taskset", ["-c", String(client), "true"])
  if (error !== undefined || status !== 0) return { _tag: "Unpinned", why: "no taskset here" }
  return { _tag: "Pinned", client, server }
}

export const pinning: Effect.Effect<Pinning> = Effect.try(pinningHere).pipe(
  Effect.catchAll(({ error }) => Effect.succeed<Pinning>({ _tag: "Unpinned", why: messageOf(error) }))
)

/** The command line that runs a program on a core. */
export const onCore = (
  pinning: Pinning,
  side: "client" | "server",
  command: string,
  args: ReadonlyArray<string>
): readonly [command: string, args: ReadonlyArray<string>] =>
  pinning._tag === "Pinned"
    ? ["taskset", ["-c", String(pinning[side]), command, ...args]]
    : [command, args]

export interface Machine {
  readonly node: string
  readonly platform: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
}

export const machine: Effect.Effect<Machine> = Effect.sync(() => ({
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  processor: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30)
}))

/** What all cores have worked so far, for any program. */
export const busyMicros = (): number =>
  cpus().reduce((sum, { times }) => sum + 1000 * (times.user + times.nice + times.sys + times.irq), 0)
