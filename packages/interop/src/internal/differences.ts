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
const ignoredHeaders: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "sec-websocket-key"
])

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

const contentTypeOf = (request: Request): string => headerText(request, "content-type") ?? ""

/** The fields of a form by their names; a file is an object. */
const formOf = (body: string, boundary: string): unknown => {
  const form: Record<string, unknown> = {}
  for (const part of body.split(`--${boundary}`).slice(1, -1)) {
    const [head = "", ...rest] = part.trimStart().split("\r\n\r\n")
    const content = rest.join("\r\n\r\n").replace(/\r\n$/, "")
    const name = /\bname="([^"]*)"/.exec(head)?.[1] ?? ""
    const file = /\bfilename="([^"]*)"/.exec(head)?.[1]
    const type = /^content-type: (.*)$/im.exec(head)?.[1]
    const value = file === undefined ? content : { file, type, content }
    const before = form[name]
    form[name] = before === undefined ? value : [before, value].flat()
  }
  return form
}

const parsed = (request: Request): unknown => {
  const boundary = /boundary="?([^";]+)/.exec(contentTypeOf(request))?.[1]
  if (boundary !== undefined) return formOf(request.body, boundary)
  try {
    return JSON.parse(request.body)
  } catch {
    return request.body
  }
}

/** A form's boundary is anything that is not in it. */
const comparable = (request: Request, name: string): string | undefined =>
  name === "content-type" ? headerText(request, name)?.replace(/; *boundary=.*/, "") : headerText(request, name)

/** Path and query, in whatever order that has. */
const addressOf = ({ path }: Request): readonly [path: string, query: Readonly<Record<string, string>>] => {
  const [before = "", query = ""] = path.split("?")
  return [before, Object.fromEntries(new URLSearchParams(query))]
}

const textDifference = (where: string, ours: string | undefined, theirs: string | undefined) =>
  ours === theirs ? [] : [{ where, ours, theirs }]

export const differences = (ours: Request, theirs: Request): ReadonlyArray<Difference> => {
  const [[path, query], [theirPath, theirQuery]] = [addressOf(ours), addressOf(theirs)]
  return [
    ...textDifference("method", ours.method, theirs.method),
    ...textDifference("path", path, theirPath),
    ...valueDifferences("query", query, theirQuery),
    ...[...new Set([...Object.keys(ours.headers), ...Object.keys(theirs.headers)])].sort()
      .filter((name) => !ignoredHeaders.has(name))
      .flatMap((name) => textDifference(`header ${name}`, comparable(ours, name), comparable(theirs, name))),
    ...valueDifferences("body", parsed(ours), parsed(theirs))
  ]
}

/** A difference that is known and has a reason: a row of the table in the README. */
export interface Listed {
  readonly where: string
  /** Names of SDKs, with `*` for any text, or `all`. */
  readonly sdks: ReadonlyArray<string>
  /** Names of cases, with `*` for any text, or `all`, `calls` or `streams`. */
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

/** Whether a text is what a pattern, with `*` for any text, says. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`, "s")
    .test(text)

const fits = (pattern: string | undefined, text: string | undefined): boolean =>
  pattern === undefined || text === undefined ? pattern === text : matches(pattern, text)

export interface Circumstances {
  readonly sdk: string
  readonly case: string
  readonly stream: boolean
}

/** Whether a row is about an SDK. */
export const isOfSdk = ({ sdks }: Listed, sdk: string): boolean =>
  sdks.some((pattern) => pattern === "all" || matches(pattern, sdk))

const isOf = (row: Listed, { case: name, sdk, stream }: Circumstances): boolean =>
  isOfSdk(row, sdk) &&
  row.cases.some((pattern) => pattern === "all" || pattern === (stream ? "streams" : "calls") || matches(pattern, name))

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
