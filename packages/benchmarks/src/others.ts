/** The official SDKs of Python and Java, where they can be had. */
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import * as answers from "./answers.js"
import { packageFolder, scratchFolder } from "./build.js"
import type { Subject } from "./clients.js"
import type { Task } from "./task.js"
import type { Program } from "./workerProcess.js"

type OtherRuntime = Exclude<Subject["runtime"], "node">

interface Available {
  readonly program: (task: Task) => Program
  readonly versions: Readonly<Record<string, string>>
}

/** Or why there is none. Those that were not asked for are not there. */
export type Others = Readonly<Partial<Record<OtherRuntime, Either.Either<Available, string>>>>

const execute = promisify(execFile)

/** Setting up may download. */
const run = (command: string, args: ReadonlyArray<string>) =>
  execute(command, args, { timeout: 300_000, maxBuffer: 16 * 1024 * 1024 })

/** Runs once for each state of a file. */
const once = async (folder: string, state: string, setUp: () => Promise<void>) => {
  const mark = join(folder, "set-up")
  if (existsSync(mark) && await readFile(mark, "utf8") === state) return
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await setUp()
  await writeFile(mark, state)
}

/** What both programs have to be told beside the task. */
const environment = {
  DASHSCOPE_API_KEY: answers.apiKey,
  BENCH_MODEL: answers.model,
  BENCH_SYSTEM: answers.system,
  BENCH_QUESTION: answers.question,
  BENCH_ANSWER: answers.text
}

const setUpPython = async (): Promise<Available> => {
  const folder = join(scratchFolder, "python")
  const python = join(folder, "environment", "bin", "python")
  const requirements = join(packageFolder, "python", "requirements.txt")
  const listed = await readFile(requirements, "utf8")
  await once(folder, listed, async () => {
    await run("python3", ["-m", "venv", join(folder, "environment")])
    await run(python, ["-m", "pip", "install", "--quiet", "--requirement", requirements])
  })
  const { stdout } = await run(python, ["-c", "import platform; print(platform.python_version())"])
  return {
    program: (task) => ({
      command: python,
      args: [join(packageFolder, "python", "worker.py"), JSON.stringify(task)],
      env: environment
    }),
    versions: {
      Python: stdout.trim(),
      ...Object.fromEntries(
        listed.trim().split("\n").map((line) => {
          const [name = "", version = ""] = line.split("==")
          return [`${name} (Python)`, version]
        })
      )
    }
  }
}

const setUpJava = async (): Promise<Available> => {
  const folder = join(scratchFolder, "java")
  const jars = join(folder, "jars")
  const pom = join(packageFolder, "java", "pom.xml")
  const source = join(packageFolder, "java", "Worker.java")
  // It writes on standard error, without fail.
  const { stderr } = await run("java", ["-version"])
  const listed = await readFile(pom, "utf8")
  const classPathOf = async () => [folder, ...(await readdir(jars)).map((name) => join(jars, name))].join(delimiter)
  await once(folder, listed + await readFile(source, "utf8"), async () => {
    await run("mvn", [
      "--batch-mode",
      "--quiet",
      "--file",
      pom,
      "dependency:copy-dependencies",
      `-DoutputDirectory=${jars}`
    ])
    await run("javac", ["-cp", await classPathOf(), "-d", folder, source])
  })
  const classPath = await classPathOf()
  return {
    program: (task) => ({
      command: "java",
      args: ["-cp", classPath, "Worker", JSON.stringify(task)],
      env: {
        ...environment,
        DASHSCOPE_HTTP_BASE_URL: `${task.url}/api/v1`,
        ...(task.client === "java-pool"
          ? {
            DASHSCOPE_CONNECTION_POOL_SIZE: String(task.connections),
            DASHSCOPE_MAXIMUM_ASYNC_REQUESTS: String(task.connections),
            DASHSCOPE_MAXIMUM_ASYNC_REQUESTS_PER_HOST: String(task.connections)
          }
          : undefined)
      }
    }),
    versions: {
      Java: /version "([^"]+)"/.exec(stderr)?.[1] ?? "?",
      "dashscope-sdk-java": /dashscope-sdk-java<\/artifactId>\s*<version>([^<]+)/.exec(listed)?.[1] ?? "?"
    }
  }
}

const outputOf = (cause: unknown): string => {
  if (typeof cause !== "object" || cause === null) return String(cause)
  return ["stderr", "stdout", "message"].map((key): unknown => Reflect.get(cause, key))
    .filter((text) => typeof text === "string" && text.trim() !== "").join("\n")
}

/** The first line that says something, as it may stand in a report: no colours, folders or addresses. */
export const reasonOf = (cause: unknown): string => {
  const lines = outputOf(cause).replaceAll(/\x1b\[[\d;]*m/g, "").split("\n").map((line) => line.trim())
  const line = lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line !== "") ?? "no reason given"
  return line.replaceAll(/https?:\/\/\S+|(?<=^|\s)\/\S+/g, "…").slice(0, 240)
}

const attempt = (setUp: () => Promise<Available>): Effect.Effect<Either.Either<Available, string>> =>
  Effect.either(Effect.tryPromise({ try: setUp, catch: reasonOf }))

/** Sets up those that are wanted. Those that cannot be had are named, and the others run. */
export const prepare = (runtimes: ReadonlySet<Subject["runtime"]>): Effect.Effect<Others> =>
  Effect.gen(function*() {
    return {
      ...(runtimes.has("python") ? { python: yield* attempt(setUpPython) } : undefined),
      ...(runtimes.has("java") ? { java: yield* attempt(setUpJava) } : undefined)
    }
  })
