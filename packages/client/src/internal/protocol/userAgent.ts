import { version } from "./version.js"

const text = (u: unknown): string | undefined => typeof u === "string" && /^[\x21-\x7e]+$/.test(u) ? u : undefined

const property = (u: unknown, key: string): unknown =>
  typeof u === "object" && u !== null ? Reflect.get(u, key) : undefined

/**
 * The User-Agent in the form of the official SDKs: `name/version; runtime/version; platform/os; processor/arch`, and
 * `; suffix` where there is one. The global object is asked, so that no runtime has to be imported.
 *
 * @internal
 */
export const userAgent = (global: object, suffix: string | undefined): string => {
  const process = property(global, "process")
  const versions = property(process, "versions")
  const deno = property(property(property(global, "Deno"), "version"), "deno")
  // Bun and Deno have a `process.versions.node` as well, so they are asked first.
  const runtimes = [
    ["bun", text(property(versions, "bun"))],
    ["deno", text(deno)],
    ["node", text(property(versions, "node"))]
  ] as const
  const [name, number] = runtimes.find(([, number]) => number !== undefined) ?? ["javascript", "unknown"]
  const platform = text(property(process, "platform")) ?? "unknown"
  const processor = text(property(process, "arch")) ?? "unknown"
  const base = `effect-dashscope/${version}; ${name}/${number}; platform/${platform}; processor/${processor}`
  return suffix === undefined || suffix === "" ? base : `${base}; ${suffix}`
}
