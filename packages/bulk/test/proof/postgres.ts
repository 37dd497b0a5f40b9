/** A Postgres server of Debian's package, on a loopback port in a folder of its own, for as long as the scope is open. */
import { Effect, Schedule } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const base = "/usr/lib/postgresql"

/** Where its programs are, or `undefined` where they are not installed. */
export const programs = (): string | undefined => {
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(base, version, "bin")).find((folder) => existsSync(join(folder, "initdb")))
}

/** It refuses to run as root: the user of Debian's package does then. */
const user = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))
  return { uid: id("-u"), gid: id("-g") }
}

/** A port of loopback that is free just now. */
export const freePort = Effect.async<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

/** The URL of a database on it. */
export const start = (bin: string) =>
  Effect.gen(function*() {
    const owner = user()
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "bulk-postgres-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid)
    const data = join(folder, "data")
    execFileSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"], {
      ...owner,
      stdio: "ignore",
      cwd: folder
    })
    const port = yield* freePort
    // What a test writes need not outlive the machine.
    const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60"]
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(
          join(bin, "postgres"),
          ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", folder, ...settings.flatMap((one) => ["-c", one])],
          { ...owner, stdio: "ignore", cwd: folder }
        )
      ),
      (server) =>
        Effect.async<void>((resume) => {
          server.once("exit", () => resume(Effect.void))
          // Ends sessions, and then itself.
          if (!server.kill("SIGINT")) resume(Effect.void)
        })
    )
    yield* Effect.retry(
      Effect.try(() =>
        execFileSync(join(bin, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)], { stdio: "ignore" })
      ),
      { times: 100, schedule: Schedule.spaced("100 millis") }
    )
    return `postgres://postgres@127.0.0.1:${port}/postgres`
  })
