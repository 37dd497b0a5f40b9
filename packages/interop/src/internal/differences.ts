/** What is unlike in two requests that say the same, and the list of what may be. */
import type { RecordedRequest } from "effect-dashscope-simulator"

/** The part of a recorded request that is compared. */
export type Request = Pick<RecordedRequest.RecordedRequest, "method" | "path" | "headers" | "body">

export interface Difference {
  /** Such as `header accept` or `body.input.messages[0].content`. */
  readonly where: string
  /** A header's text or a value as JSON; `undefined` where there is none. */
  readonly ours: string | undefined
  readonly theirs: string | undefined
}

/** They tell of the connection, or follow from the body's spelling. */
const ignoredHeaders: ReadonlySet<string> = new Set(["host", "connection", "content-length", "transfer-encoding"])

const headerText = (request: Request, name: string): string | undefined => {
  const value = request.headers[name]
  return typeof value === "string" || value === undefined ? value : value.join(", ")
}

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const member = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined

const valueDifferences = (where: string, ours: unknown, theirs: unknown): ReadonlyArray<Difference> => {
  if (isObject(ours) && isObject(theirs)) {
    return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) =>
      valueDifferences(`${where}.${key}`, member(ours, key), member(theirs, key))
    )
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const [left, right]: readonly [ReadonlyArray<unknown>, ReadonlyArray<unknown>] = [ours, theirs]
    return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => i).flatMap((i) =>
      valueDifferences(`${where}[${i}]`, left[i], right[i])
    )
  }
  return Object.is(ours, theirs) ? [] : [{ where, ours: jsonText(ours), theirs: jsonText(theirs) }]
}

const jsonText = (value: unknown): string | undefined => value === undefined ? undefined : JSON.stringify(value)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const textDifference = (where: string, ours: string | undefined, theirs: string | undefined) =>
  ours === theirs ? [] : [{ where, ours, theirs }]

export const differences = (ours: Request, theirs: Request): ReadonlyArray<Difference> => [
  ...textDifference("method", ours.method, theirs.method),
  ...textDifference("path", ours.path, theirs.path),
  ...[...new Set([...Object.keys(ours.headers), ...Object.keys(theirs.headers)])].sort()
    .filter((name) => !ignoredHeaders.has(name))
    .flatMap((name) => textDifference(`header ${name}`, headerText(ours, name), headerText(theirs, name))),
  ...valueDifferences("body", parsed(ours.body), parsed(theirs.body))
]

/** A difference that is known and has a reason: a row of the table in the README. */
export interface Listed {
  readonly where: string
  /** Names of SDKs, or `all`. */
  readonly sdks: ReadonlyArray<string>
  /** Names of cases, or `all`, `calls` or `streams`. */
  readonly cases: ReadonlyArray<string>
  /** With `*` for any text; `undefined` where nothing is sent. */
  readonly ours: string | undefined
  readonly theirs: string | undefined
  readonly reason: string
}

const absent = "—"

const names = (cell: string): ReadonlyArray<string> => cell.split(",").map((name) => name.trim())

const value = (cell: string): string | undefined => cell === absent ? undefined : cell

/** Reads the table that stands under the given heading. */
export const parseListed = (markdown: string, heading: string): ReadonlyArray<Listed> => {
  const lines = markdown.split("\n")
  const start = lines.indexOf(heading)
  if (start < 0) {
    throw new Error(`There is no heading "${heading}".`)
  }
  const first = lines.findIndex((line, i) => i > start && line.startsWith("|"))
  const rest = lines.slice(first)
  const end = rest.findIndex((line) => !line.startsWith("|"))
  // Without the table's own heading and the line below it.
  return rest.slice(2, end < 0 ? undefined : end).map((line) => {
    const cells = line.split("|").slice(1, -1).map((cell) => cell.replaceAll("`", "").trim())
    const [where, sdks, cases, ours, theirs, reason] = cells
    if (
      cells.length !== 6 || !where || !sdks || !cases || !ours || !theirs || !reason
    ) {
      throw new Error(`Not a row of six cells: ${line}`)
    }
    return { where, sdks: names(sdks), cases: names(cases), ours: value(ours), theirs: value(theirs), reason }
  })
}

const fits = (pattern: string | undefined, text: string | undefined): boolean =>
  pattern === undefined || text === undefined
    ? pattern === text
    : new RegExp(`^${pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`, "s")
      .test(text)

export interface Circumstances {
  readonly sdk: string
  readonly case: string
  readonly stream: boolean
}

const isOf = (row: Listed, { case: name, sdk, stream }: Circumstances): boolean =>
  (row.sdks.includes("all") || row.sdks.includes(sdk)) &&
  (row.cases.includes("all") || row.cases.includes(stream ? "streams" : "calls") || row.cases.includes(name))

/** The row that allows a difference. */
export const find = (
  rows: ReadonlyArray<Listed>,
  difference: Difference,
  circumstances: Circumstances
): Listed | undefined =>
  rows.find((row) =>
    row.where === difference.where && isOf(row, circumstances) && fits(row.ours, difference.ours) &&
    fits(row.theirs, difference.theirs)
  )
