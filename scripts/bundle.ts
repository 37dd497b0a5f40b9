import * as Esbuild from "esbuild"
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Packages that load a binary of theirs, which no bundle can hold: they are taken from where they are installed. */
const binaries: Esbuild.Plugin = {
  name: "binaries",
  setup: (build) => {
    build.onResolve({ filter: /^libsql$/ }, ({ importer, path }) => ({
      path: createRequire(importer).resolve(path),
      external: true
    }))
  }
}

const options = {
  bundle: true,
  plugins: [binaries],
  platform: "node",
  format: "esm",
  target: "node20",
  // ES modules, where a dependency has them too: they are tree-shaken, and `import()` finds their exports.
  mainFields: ["module", "main"],
  logLevel: "error",
  // CommonJS modules among the dependencies ask for Node's modules with it.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from \"node:module\"\n" +
      "const require = createRequireOfBundle(import.meta.url)"
  }
} satisfies Esbuild.BuildOptions

/** Programs that `node` can run as they are. */
export interface Bundle {
  /** The path of a program, by its name without `.ts`. */
  readonly path: (name: string) => string
  readonly remove: () => void
}

/**
 * Bundles TypeScript programs with all that they import. Under a loader that compiles on the fly, each start of one would
 * compile the library again, which costs several seconds; the start of a bundle costs a tenth of that.
 */
export const bundle = async (...programs: ReadonlyArray<URL>): Promise<Bundle> => {
  const folder = mkdtempSync(join(tmpdir(), "programs-"))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    await Esbuild.build({
      ...options,
      entryPoints: programs.map((program) => fileURLToPath(program)),
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      entryNames: "[name]",
      splitting: true
    })
  } catch (error) {
    remove()
    throw error
  }
  return { path: (name) => join(folder, `${basename(name, ".ts")}.mjs`), remove }
}

/** The bundle of a program that is no file yet, as if it were one of that folder. */
export const bundleSource = async (code: string, folder: URL): Promise<string> => {
  const { outputFiles } = await Esbuild.build({
    ...options,
    stdin: { contents: code, loader: "ts", resolveDir: fileURLToPath(folder) },
    write: false
  })
  return outputFiles[0]!.text
}
