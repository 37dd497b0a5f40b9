/**
 * The files of one simulator, which the native and the compatible path share.
 */
import { createHash } from "node:crypto"
import { digest } from "../core/hash.js"
import { contentOf, send } from "../results/content.js"
import { xmlError } from "../results/xml.js"
import type { Incoming } from "../server/incoming.js"
import type { FormPart } from "../server/multipart.js"
import type { Route } from "../server/route.js"
import type { State } from "../server/state.js"
import { part } from "../server/state.js"

/** @internal */
export interface StoredFile {
  readonly number: number
  readonly id: string
  readonly name: string
  readonly description: string
  readonly purpose: string
  readonly size: number
  readonly md5: Uint8Array
  readonly bytes: Uint8Array
  /** Milliseconds since the epoch. */
  readonly created: number
}

const files = part(() => new Map<string, StoredFile>())

/** Files in one simulator. */
const most = 100

/** @internal */
export const tooMany = `Out of number, <${most}> of <${most}> files has been uploaded.`

/**
 * The newest first.
 *
 * @internal
 */
export const listFiles = (state: State): ReadonlyArray<StoredFile> =>
  [...files(state).values()].sort((a, b) => b.number - a.number)

/** @internal */
export const findFile = (state: State, id: string): StoredFile | undefined => files(state).get(id)

/** @internal */
export const deleteFile = (state: State, id: string): boolean => files(state).delete(id)

const idKinds: { readonly [purpose: string]: string } = {
  batch: "batch",
  batch_output: "batch_output",
  batch_error: "batch_error"
}

const keep = (incoming: Incoming, file: Omit<StoredFile, "number" | "id" | "created">): StoredFile => {
  const number = incoming.state.next("file")
  const kind = idKinds[file.purpose] ?? "fe"
  const stored: StoredFile = {
    ...file,
    number,
    id: `file-${kind}-${digest(`file/${number}`).slice(0, 24)}`,
    created: incoming.now
  }
  files(incoming.state).set(stored.id, stored)
  return stored
}

/**
 * Keeps a file; `undefined` where there are too many.
 *
 * @internal
 */
export const addFile = (
  incoming: Incoming,
  file: FormPart,
  purpose: string,
  description: string
): StoredFile | undefined =>
  files(incoming.state).size >= most ? undefined : keep(incoming, {
    name: file.fileName ?? "file",
    description,
    purpose,
    size: file.size,
    md5: file.md5,
    bytes: file.bytes
  })

/**
 * Keeps a file that the service has made, and tells its id.
 *
 * @internal
 */
export const resultFile = (incoming: Incoming, name: string, purpose: string, text: string): string => {
  const bytes = Buffer.from(text)
  const md5 = createHash("md5").update(bytes).digest()
  return keep(incoming, { name, description: "", purpose, size: bytes.length, md5, bytes }).id
}

/** @internal */
export const urlOf = (incoming: Incoming, file: StoredFile): string =>
  `${incoming.storage}/storage/files/${file.id}/${encodeURIComponent(file.name)}`

/**
 * The content of files, under the URLs that their descriptions tell.
 *
 * @internal
 */
export const contentRoutes: ReadonlyArray<Route> = [{
  method: "GET",
  pattern: "/storage/files/{id}/{name}",
  open: true,
  serve: (incoming) => {
    const file = findFile(incoming.state, incoming.params.id ?? "")
    return file === undefined
      ? xmlError(404, "NoSuchKey", "The specified key does not exist.", incoming.requestId)
      : send(contentOf("application/octet-stream", file.bytes), incoming)
  }
}]
