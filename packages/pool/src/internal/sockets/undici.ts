import { createRequire } from "node:module"

/** What this package is written for and tested with. */
const major = 7

/** Why connections cannot be made over the undici that is there, or nothing. @internal */
export const unfitOf = (
  versions: Readonly<Record<string, string | undefined>>,
  undici: string | undefined
): string | undefined => {
  if (versions["bun"] !== undefined) {
    return "effect-http-pool does not run on Bun, whose undici is not undici: provide FetchHttpClient.layer of " +
      "@effect/platform in place of this package's HttpClient, or run the program on Node"
  }
  // In a bundle there is no package to ask.
  if (undici === undefined || undici.split(".", 1)[0] === String(major)) return undefined
  return `effect-http-pool needs undici ${major}, and found ${undici}: take the override or resolution of undici out ` +
    `of your package.json, or set it to ^${major}.10.0`
}

const versionOf = (): string | undefined => {
  try {
    const found: unknown = createRequire(import.meta.url)("undici/package.json")
    return typeof found === "object" && found !== null && "version" in found && typeof found.version === "string"
      ? found.version
      : undefined
  } catch {
    return undefined
  }
}

let known: { readonly problem: string | undefined } | undefined

/** The same for this process. @internal */
export const unfit = (): string | undefined => (known ??= { problem: unfitOf(process.versions, versionOf()) }).problem
