/** A MySQL server, Debian's MariaDB, on a loopback port in a folder of its own, for as long as the scope is open. */
import { Effect, Schedule } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "./postgres.js"

const server = "/usr/sbin/mariadbd"

/** Where its program is, or `undefined` where it is not installed. */
export const program = (): string | undefined => existsSync(server) ? server : undefined

/** The URL of a database on it. */
export const start = (bin: string) =>
  Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "bulk-mysql-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    // It is told to run as whoever runs the tests, so that nobody has to own the folder but them.
    const user = `--user=${process.getuid?.() === 0 ? "root" : process.env["USER"] ?? ""}`
    const data = `--datadir=${join(folder, "data")}`
    execFileSync("mariadb-install-db", ["--no-defaults", data, user, "--auth-root-authentication-method=normal"], {
      stdio: "ignore",
      cwd: folder
    })
    const port = yield* freePort
    const socket = join(folder, "socket")
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(
          bin,
          // What a test writes need not outlive the machine.
          [
            "--no-defaults",
            data,
            user,
            `--port=${port}`,
            "--bind-address=127.0.0.1",
            `--socket=${socket}`,
            "--innodb-flush-log-at-trx-commit=0"
          ],
          { stdio: "ignore", cwd: folder }
        )
      ),
      (server) =>
        Effect.async<void>((resume) => {
          server.once("exit", () => resume(Effect.void))
          if (!server.kill("SIGTERM")) resume(Effect.void)
        })
    )
    yield* Effect.retry(
      Effect.try(() =>
        execFileSync("mariadb", ["--no-defaults", `--socket=${socket}`, "-u", "root", "-e", "CREATE DATABASE bulk"], {
          stdio: "ignore"
        })
      ),
      { times: 200, schedule: Schedule.spaced("100 millis") }
    )
    return `mysql://root@127.0.0.1:${port}/bulk`
  })
