import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Without the program of Debian's `redis-server` (`node scripts/debian.mjs redis-server`), the tests that need it are skipped. */
export const hasRedis = spawnSync("redis-server", ["--version"], { stdio: "ignore" }).status === 0

/** A Redis of its own on a random port of loopback, which keeps nothing. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Ends it at once (SIGKILL), with all that it held. */
  readonly kill: Effect.Effect<void>
  /** Starts it again on its port, empty. */
  readonly start: Effect.Effect<void>
  /** Stops its process where it is (SIGSTOP): connections stay open, and nobody answers. */
  readonly freeze: Effect.Effect<void>
  readonly thaw: Effect.Effect<void>
  /** How often a command was run since it was started or the statistics were reset, by the server's own count. */
  readonly calls: (command: string) => Effect.Effect<number>
  /** Runs one command by redis-cli, and answers what it prints. */
  readonly cli: (...words: ReadonlyArray<string>) => Effect.Effect<string>
}

const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

const launch = (port: number, folder: string, options: ReadonlyArray<string>) =>
  Effect.async<ChildProcess, Error>((resume) => {
    const child = spawn(
      "redis-server",
      [
        "--bind",
        "127.0.0.1",
        "--port",
        String(port),
        "--dir",
        folder,
        "--save",
        "",
        "--appendonly",
        "no",
        "--daemonize",
        "no",
        ...options
      ],
      { stdio: ["ignore", "pipe", "ignore"] }
    )
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
      if (output.includes("Ready to accept connections")) resume(Effect.succeed(child))
    })
    child.once("error", (error) => resume(Effect.fail(error)))
    child.once("exit", () => resume(Effect.fail(new Error(`redis-server ended:\n${output}`))))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const kill = (child: ChildProcess | undefined) =>
  Effect.async<void>((resume) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

/** Runs for as long as the scope. */
export const make = (...options: ReadonlyArray<string>): Effect.Effect<RedisServer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "redis-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    let child: ChildProcess | undefined
    yield* Effect.addFinalizer(() => kill(child))
    // Between the look for a port and its use somebody else may take it.
    const start = (port: number) =>
      Effect.map(launch(port, folder, options), (started) => {
        child = started
        return port
      })
    const port = yield* Effect.orDie(Effect.retry(Effect.flatMap(freePort, start), { times: 5 }))
    const cli = (...words: ReadonlyArray<string>) =>
      Effect.sync(() => spawnSync("redis-cli", ["-p", String(port), ...words], { encoding: "utf8" }).stdout.trim())
    return {
      port,
      url: `redis://127.0.0.1:${port}`,
      kill: Effect.suspend(() => kill(child)),
      // The port is free again when the process has ended, but for what the system still does with it.
      start: Effect.asVoid(Effect.orDie(Effect.retry(Effect.suspend(() => start(port)), { times: 20 }))),
      freeze: Effect.sync(() => child?.kill("SIGSTOP")),
      thaw: Effect.sync(() => child?.kill("SIGCONT")),
      calls: (command) =>
        Effect.map(
          cli("INFO", "commandstats"),
          (text) => Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, "m").exec(text)?.[1] ?? 0)
        ),
      cli
    }
  })
