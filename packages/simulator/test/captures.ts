/**
 * Recordings of the real service, where they are at hand: in `shared/captures` beside the project or above it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { at, dataOf } from "./helpers.js"

const places = [4, 5, 6].map((up) => new URL(`${"../".repeat(up)}shared/captures/`, import.meta.url))
const folder = places.find((place) => existsSync(place))

export const present = folder !== undefined
if (!present) {
  console.warn("No recordings of the real service here: the simulator is not compared with them.")
}

export interface Capture {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly body: { readonly [name: string]: unknown }
  readonly streamed: boolean
  readonly status: number
  readonly answer: string
}

const textAt = (value: unknown, ...path: ReadonlyArray<string>): string => {
  const found = at(value, ...path)
  return typeof found === "string" ? found : ""
}

const all: ReadonlyArray<Capture> = (folder === undefined ? [] : readdirSync(folder))
  .filter((name) => name.endsWith("sse.json"))
  .map((name) => {
    const capture: unknown = JSON.parse(readFileSync(new URL(name, folder), "utf8"))
    return {
      name,
      method: textAt(capture, "request", "method"),
      path: textAt(capture, "request", "path"),
      body: at(capture, "request", "body") as Capture["body"],
      streamed: name.endsWith("-sse.json"),
      status: Number(at(capture, "response", "status")),
      answer: textAt(capture, "response", "body")
    }
  })

export const capturesWhere = (wanted: (capture: Capture) => boolean): ReadonlyArray<Capture> => all.filter(wanted)

/** The paths of all fields, list positions aside. */
const fields = (value: unknown, path = ""): ReadonlyArray<string> =>
  Array.isArray(value)
    ? value.flatMap((item) => fields(item, `${path}[]`))
    : typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => [`${path}.${name}`, ...fields(inner, `${path}.${name}`)])
    : []

export const fieldsOf = (text: string, streamed: boolean): ReadonlySet<string> =>
  new Set((streamed ? dataOf(text) : [text]).flatMap((data) => fields(JSON.parse(data))))

/** Fields that only one of two answers has. */
export const differences = (own: ReadonlySet<string>, recorded: ReadonlySet<string>) => ({
  unknown: [...own].filter((field) => !recorded.has(field)),
  missing: [...recorded].filter((field) => !own.has(field))
})
