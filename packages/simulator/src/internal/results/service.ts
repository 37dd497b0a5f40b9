/**
 * Files that answers point to: audio, images, videos and texts under signed URLs of the storage host, without a key, in parts
 * if so asked, until the URL's time is over.
 */
import type { Download, ResultFile } from "../../ResultFile.js"
import { generatedBytes } from "../core/bytes.js"
import { digest, fnv } from "../core/hash.js"
import { asString } from "../core/json.js"
import type { Answer } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { Route } from "../server/route.js"
import type { State } from "../server/state.js"
import { part } from "../server/state.js"
import type { Content } from "./content.js"
import { contentOf, send } from "./content.js"
import { xmlError } from "./xml.js"

interface Kept extends Pick<ResultFile, "again" | "breakAfter" | "breakBy" | "unmeasured"> {
  /** What the host has; another version after the first request, where it changes. */
  readonly content: (again: boolean) => Content
  breaksLeft: number
  requests: number
}

interface Storage {
  readonly files: Map<string, Kept>
  readonly downloads: Array<Download>
}

const storage = part((): Storage => ({ files: new Map(), downloads: [] }))
const most = 50_000
const mostDownloads = 10_000

/** Where files are kept, and where they are fetched. */
type Place = Pick<Incoming, "state" | "storage">

const accessKey = "simulator"

const signatureOf = (name: string, expires: number): string =>
  Buffer.from(digest(`results/${name}/${expires}`), "hex").toString("base64")

const keep = (place: Place, name: string, file: Kept, expires: number): string => {
  const { files } = storage(place.state)
  files.delete(name)
  files.set(name, file)
  for (const oldest of files.keys()) {
    if (files.size <= most) {
      break
    }
    files.delete(oldest)
  }
  const query = new URLSearchParams({
    Expires: String(expires),
    OSSAccessKeyId: accessKey,
    Signature: signatureOf(name, expires)
  })
  return `${place.storage}/storage/results/${encodeURIComponent(name)}?${query.toString()}`
}

/**
 * Keeps a file that is made when it is fetched, and tells its URL. Without an end of its own, that is {@link expiresAt}.
 *
 * @internal
 */
export const keepResult = (
  incoming: Incoming,
  name: string,
  type: string,
  bytes: () => Uint8Array,
  expires: number = expiresAt(incoming)
): string => keep(incoming, name, { content: () => contentOf(type, bytes()), breaksLeft: 0, requests: 0 }, expires)

/**
 * Seconds since the epoch at which a result ends: a day from now at least, and the same within one day.
 *
 * @internal
 */
export const expiresAt = ({ now }: Incoming): number => (Math.floor(now / 86_400_000) + 2) * 86_400

/**
 * Seconds since the epoch at which the result of a task ends.
 *
 * @internal
 */
export const taskResultEnds = ({ now }: Incoming): number => Math.floor(now / 1000) + 86_400

/** How much longer a file is that has become longer. */
const growth = 1000

const generated = (type: string, size: number, version: number, etag: string | undefined): Content => ({
  type,
  size,
  etag,
  read: (from, to) => generatedBytes(from, to, version)
})

const altered = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0xff)

const publishedContent = (file: ResultFile, name: string) => (again: boolean): Content => {
  const type = file.contentType ?? "application/octet-stream"
  const isChanged = again && (file.again === "changed" || file.again === "mixed")
  const isLonger = again && file.again === "longer"
  const { content } = file
  const size = (typeof content === "number" ? content : content.length) + (isLonger ? growth : 0)
  const tagged = (etag: string) => file.untagged === true ? undefined : etag
  if (typeof content === "number") {
    const tag = `"${digest(`${name}/${content}/${isChanged ? 1 : 0}`).toUpperCase()}-${1 + fnv(name) % 9}"`
    return generated(type, size, isChanged ? 1 : 0, tagged(tag))
  }
  const own = contentOf(type, isChanged ? altered(content) : content)
  return {
    ...own,
    size,
    etag: own.etag === undefined ? undefined : tagged(own.etag),
    read: isLonger
      ? (from, to) => Buffer.concat([content, Buffer.alloc(growth)]).subarray(from, to)
      : own.read
  }
}

/**
 * Keeps a file as it was asked for, and tells its URL.
 *
 * @internal
 */
export const publish = (place: Place, now: number, file: ResultFile): string => {
  const name = `${place.state.nextId("published")}-${file.name ?? "file.bin"}`
  return keep(place, name, {
    content: publishedContent(file, name),
    again: file.again,
    breakAfter: file.breakAfter,
    breakBy: file.breakBy,
    unmeasured: file.unmeasured,
    breaksLeft: file.breakAfter === undefined ? 0 : file.breakTimes ?? 1,
    requests: 0
  }, Math.floor(now / 1000) + (file.expiresInSeconds ?? 86_400))
}

/**
 * The latest requests, the oldest first.
 *
 * @internal
 */
export const downloadsOf = (state: State): ReadonlyArray<Download> => [...storage(state).downloads]

/** Why a request is refused, whatever the file. */
const refusal = (incoming: Incoming, name: string, file: Kept | undefined): Answer | undefined => {
  const { now, query, requestId } = incoming
  if (incoming.header("authorization") !== undefined) {
    return xmlError(400, "InvalidArgument", "Only one auth mechanism allowed.", requestId)
  }
  const expires = Number(query.get("Expires") ?? Number.NaN)
  if (query.get("Signature") === null || Number.isNaN(expires)) {
    return xmlError(403, "AccessDenied", "You have no right to access this object because of bucket acl.", requestId)
  }
  if (query.get("Signature") !== signatureOf(name, expires)) {
    return xmlError(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      requestId
    )
  }
  if (now >= expires * 1000 || (file?.again === "expired" && file.requests > 0)) {
    return xmlError(403, "AccessDenied", "Request has expired.", requestId, {}, {
      Expires: new Date(expires * 1000).toISOString(),
      ServerTime: new Date(now).toISOString()
    })
  }
  return undefined
}

const answerOf = (incoming: Incoming, file: Kept): Answer => {
  const isAgain = file.requests++ > 0
  const isBreaking = file.breaksLeft > 0 && incoming.method === "GET"
  if (isBreaking) {
    file.breaksLeft--
  }
  return send(file.content(isAgain), incoming, {
    parts: file.again !== "whole",
    conditions: file.again !== "mixed",
    measured: file.unmeasured !== true,
    breakAfter: isBreaking ? file.breakAfter : undefined,
    breakBy: file.breakBy
  })
}

const statusOf = (answer: Answer): number => answer._tag === "Success" ? 200 : answer.status

const serve = (incoming: Incoming): Answer => {
  const name = asString(incoming.params.name) ?? ""
  const { downloads, files } = storage(incoming.state)
  const file = files.get(name)
  const refused = refusal(incoming, name, file)
  const answer = refused ?? (file === undefined
    ? xmlError(404, "NoSuchKey", "The specified key does not exist.", incoming.requestId)
    : answerOf(incoming, file))
  downloads.push({
    method: incoming.method,
    name,
    range: incoming.header("range"),
    ifRange: incoming.header("if-range"),
    ifMatch: incoming.header("if-match"),
    authorization: incoming.header("authorization") !== undefined,
    status: statusOf(answer)
  })
  if (downloads.length > mostDownloads) {
    downloads.shift()
  }
  return answer
}

/** @internal */
export const resultRoutes: ReadonlyArray<Route> = [{
  method: "GET",
  pattern: "/storage/results/{name}",
  open: true,
  serve
}]
