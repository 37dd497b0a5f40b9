/**
 * Files: what fine-tuning, batches and documents in chats are made of.
 *
 * The service has two forms of them. The native one ({@link upload}, {@link list}, {@link get}, {@link remove}) takes several at once,
 * mostly for fine-tuning; the OpenAI-compatible one ({@link create}, {@link listCompatible}, {@link getCompatible},
 * {@link removeCompatible}, {@link content}) has ids for `fileid://` in chats and for batches, and gives contents back.
 *
 * @example
 * import { Files } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const fileId = Files.create({
 *   file: { name: "notes.txt", content: "Some notes" },
 *   purpose: "file-extract"
 * }).pipe(Effect.map((file) => file.id))
 *
 * Contents are given as bytes, text or a `Blob`; nothing is read from a path. On Node, `openAsBlob` of `node:fs` makes a `Blob` that is
 * read from the disk while it is sent.
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import * as Envelope from "./Envelope.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Pages from "./internal/operation/pages.js"
import * as Params from "./internal/operation/params.js"

/**
 * A file to upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source {
  readonly name: string
  readonly content: Uint8Array<ArrayBuffer> | string | Blob
  /** Of the native form. */
  readonly description?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadParams {
  readonly files: ReadonlyArray<Source>
  /** Such as `fine-tune`. */
  readonly purpose?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ListParams {
  /** Counted from 1. Default: 1. */
  readonly pageNo?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateParams {
  readonly file: Source
  /** `file-extract` (at most 150 MB) or `batch` (at most 500 MB). */
  readonly purpose: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ListCompatibleParams {
  /** The id of the file after which the page begins. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
  readonly purpose?: string | undefined
  /** As `YYYYMMDD` or `YYYYMMDDhhmmss`. */
  readonly createAfter?: string | undefined
  /** As `createAfter`. */
  readonly createBefore?: string | undefined
}

/**
 * A file, in the native form.
 *
 * @since 0.1.0
 * @category models
 */
export interface File extends Schema.Schema.Type<typeof File> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const File = Schema.Struct({
  /** A number of the service's own; `fileId` is what other operations take. */
  id: nullish(Schema.Number),
  fileId: nullishFrom("file_id", Schema.String),
  name: nullish(Schema.String),
  description: nullish(Schema.String),
  purpose: nullish(Schema.String),
  size: nullish(Schema.Number),
  md5: nullish(Schema.String),
  region: nullish(Schema.String),
  /** Where it can be fetched, for a while. */
  url: nullish(Schema.String),
  userId: nullishFrom("user_id", Schema.String),
  apiKeyId: nullishFrom("api_key_id", Schema.String),
  gmtCreate: nullishFrom("gmt_create", Schema.String)
}).annotations({ identifier: "File", ...preserve })

const answerFields = {
  /** 0 for success. */
  code: nullish(Schema.Number),
  msg: nullish(Schema.String),
  success: nullish(Schema.Boolean),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadResult extends Schema.Schema.Type<typeof UploadResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const UploadResult = Schema.Struct({
  data: nullish(
    Schema.Struct({
      uploadedFiles: nullishFrom(
        "uploaded_files",
        Schema.Array(
          Schema.Struct({ name: nullish(Schema.String), fileId: nullishFrom("file_id", Schema.String) })
            .annotations(preserve)
        )
      ),
      /** Those that the service refused, each with its reason: the others are there all the same. */
      failedUploads: nullishFrom(
        "failed_uploads",
        Schema.Array(
          Schema.Struct({ name: nullish(Schema.String), code: nullish(Schema.String), message: nullish(Schema.String) })
            .annotations(preserve)
        )
      )
    }).annotations(preserve)
  ),
  ...answerFields
}).annotations({ identifier: "UploadResult", ...preserve })

/**
 * One page of the list.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilePage extends Schema.Schema.Type<typeof FilePage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const FilePage = Schema.Struct({
  data: nullish(
    Schema.Struct({
      files: nullish(Schema.Array(File)),
      total: nullish(Schema.Number),
      pageNo: nullishFrom("page_no", Schema.Number),
      pageSize: nullishFrom("page_size", Schema.Number)
    }).annotations(preserve)
  ),
  ...answerFields
}).annotations({ identifier: "FilePage", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface FileResult extends Schema.Schema.Type<typeof FileResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const FileResult = Schema.Struct({
  data: nullish(File),
  ...answerFields
}).annotations({ identifier: "FileResult", ...preserve })

/**
 * A file, in the OpenAI-compatible form.
 *
 * @since 0.1.0
 * @category models
 */
export interface CompatibleFile extends Schema.Schema.Type<typeof CompatibleFile> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const CompatibleFile = Schema.Struct({
  id: Schema.String,
  object: nullish(Schema.String),
  bytes: nullish(Schema.Number),
  filename: nullish(Schema.String),
  purpose: nullish(Schema.String),
  /** `processed` once it can be used. */
  status: nullish(Schema.String),
  /** In seconds since 1970. */
  createdAt: nullishFrom("created_at", Schema.Number),
  /** Of {@link removeCompatible}. */
  deleted: nullish(Schema.Boolean),
  requestId
}).annotations({ identifier: "CompatibleFile", ...preserve })

/**
 * One page of the list.
 *
 * @since 0.1.0
 * @category models
 */
export interface CompatibleFilePage extends Schema.Schema.Type<typeof CompatibleFilePage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const CompatibleFilePage = Schema.Struct({
  object: nullish(Schema.String),
  data: nullish(Schema.Array(CompatibleFile)),
  hasMore: nullishFrom("has_more", Schema.Boolean),
  requestId
}).annotations({ identifier: "CompatibleFilePage", ...preserve })

const blobOf = ({ content }: Source): Blob => content instanceof Blob ? content : new Blob([content])

const isSource = (source: Source | undefined): source is Source =>
  typeof source === "object" && !Params.isEmpty(source.name) &&
  (typeof source.content === "string" || source.content instanceof Uint8Array || source.content instanceof Blob)

const badSource = (field: string) =>
  Either.left(Params.invalid(field, "needs a name, and its content as bytes, text or a Blob"))

const native = (fileId: string) => Either.map(Params.id("fileId", fileId), (id) => `/files/${id}`)

const compatible = { base: "compatible" } as const

const endpoints = {
  // A file that is sent twice is there twice, so it is sent again only where certainly nothing of it was sent.
  upload: Endpoint.resource("upload_files", UploadResult, ({ files, purpose }: UploadParams) => {
    if (Params.isEmpty(files)) return Either.left(Params.invalid("files", "nothing to send: give at least one file"))
    const bad = files.findIndex((file) => !isSource(file))
    if (bad >= 0) return badSource(`files[${bad}]`)
    const form = new FormData()
    for (const file of files) form.append("files", blobOf(file), file.name)
    for (const { description } of files) form.append("descriptions", description ?? "")
    if (purpose !== undefined) form.append("purpose", purpose)
    return Either.right({ path: "/files", body: HttpBody.formData(form), replay: "unsent" })
  }),
  list: Endpoint.resource(
    "list_files",
    FilePage,
    (params: ListParams) => Either.right({ method: "GET", path: "/files", urlParams: Pages.query(params) })
  ),
  get: Endpoint.resource(
    "get_file",
    FileResult,
    (fileId: string) => Either.map(native(fileId), (path) => ({ method: "GET", path }))
  ),
  remove: Endpoint.resource(
    "delete_file",
    FileResult,
    (fileId: string) => Either.map(native(fileId), (path) => ({ method: "DELETE", path }))
  ),
  create: Endpoint.resource("create_file", CompatibleFile, ({ file, purpose }: CreateParams) => {
    if (!isSource(file)) return badSource("file")
    if (Params.isEmpty(purpose)) return Either.left(Params.invalid("purpose", "is required, such as \"file-extract\""))
    const form = new FormData()
    form.append("file", blobOf(file), file.name)
    form.append("purpose", purpose)
    return Either.right({ ...compatible, path: "/files", body: HttpBody.formData(form), replay: "unsent" })
  }),
  listCompatible: Endpoint.resource(
    "list_compatible_files",
    CompatibleFilePage,
    (params: ListCompatibleParams) =>
      Either.right({
        ...compatible,
        method: "GET",
        path: "/files",
        urlParams: {
          after: params.after,
          limit: params.limit,
          create_after: params.createAfter,
          create_before: params.createBefore,
          purpose: params.purpose
        }
      })
  ),
  getCompatible: Endpoint.resource(
    "get_compatible_file",
    CompatibleFile,
    (fileId: string) => Either.map(native(fileId), (path) => ({ ...compatible, method: "GET", path }))
  ),
  removeCompatible: Endpoint.resource(
    "delete_compatible_file",
    CompatibleFile,
    (fileId: string) => Either.map(native(fileId), (path) => ({ ...compatible, method: "DELETE", path }))
  )
}

const contentOf = (client: DashScopeClient.Service): Service["content"] => (fileId, options) =>
  Stream.unwrap(Effect.suspend(() => {
    const path = native(fileId)
    return Either.isLeft(path) ? Effect.fail(path.left) : Effect.map(
      client.execute({ ...compatible, method: "GET", path: `${path.right}/content`, accept: "stream" }, options),
      Envelope.stream
    )
  }))

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly upload: (params: UploadParams, options?: CallOptions) => Effect.Effect<UploadResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly list: (params?: ListParams, options?: CallOptions) => Effect.Effect<FilePage, DashScopeError>
  /** See the accessor of the same name. */
  readonly get: (fileId: string, options?: CallOptions) => Effect.Effect<FileResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly remove: (fileId: string, options?: CallOptions) => Effect.Effect<FileResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly create: (params: CreateParams, options?: CallOptions) => Effect.Effect<CompatibleFile, DashScopeError>
  /** See the accessor of the same name. */
  readonly listCompatible: (
    params?: ListCompatibleParams,
    options?: CallOptions
  ) => Effect.Effect<CompatibleFilePage, DashScopeError>
  /** See the accessor of the same name. */
  readonly getCompatible: (fileId: string, options?: CallOptions) => Effect.Effect<CompatibleFile, DashScopeError>
  /** See the accessor of the same name. */
  readonly removeCompatible: (fileId: string, options?: CallOptions) => Effect.Effect<CompatibleFile, DashScopeError>
  /** See the accessor of the same name. */
  readonly content: (fileId: string, options?: CallOptions) => Stream.Stream<Uint8Array, DashScopeError>
}

/**
 * @example
 * import { Files } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(Files.Files, {
 *   create: ({ file }) => Effect.succeed({ id: "file-fe-1", filename: file.name, status: "processed" })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Files extends Context.Tag("effect-dashscope/Files")<Files, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    upload: Endpoint.call(client, endpoints.upload),
    list: Endpoint.orAll(Endpoint.call(client, endpoints.list)),
    get: Endpoint.call(client, endpoints.get),
    remove: Endpoint.call(client, endpoints.remove),
    create: Endpoint.call(client, endpoints.create),
    listCompatible: Endpoint.orAll(Endpoint.call(client, endpoints.listCompatible)),
    getCompatible: Endpoint.call(client, endpoints.getCompatible),
    removeCompatible: Endpoint.call(client, endpoints.removeCompatible),
    content: contentOf(client)
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Files, never, DashScopeClient.DashScopeClient> = Layer.effect(Files, make)

/**
 * Uploads files, in the native form. Some may be refused while others are kept: see `data.failedUploads`.
 *
 * Fails with `InputRequired` where there is no file, and with the other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const upload = (
  params: UploadParams,
  options?: CallOptions
): Effect.Effect<UploadResult, DashScopeError, Files> =>
  Effect.flatMap(Files, (service) => service.upload(params, options))

/**
 * One page of the files, in the native form; {@link all} has all of them.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const list = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<FilePage, DashScopeError, Files> => Effect.flatMap(Files, (service) => service.list(params, options))

/**
 * A file, in the native form.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const get = (
  fileId: string,
  options?: CallOptions
): Effect.Effect<FileResult, DashScopeError, Files> => Effect.flatMap(Files, (service) => service.get(fileId, options))

/**
 * Deletes a file, in the native form.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const remove = (
  fileId: string,
  options?: CallOptions
): Effect.Effect<FileResult, DashScopeError, Files> =>
  Effect.flatMap(Files, (service) => service.remove(fileId, options))

/**
 * Uploads a file, in the OpenAI-compatible form.
 *
 * Fails with `InputRequired` where there is none, and with the other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const create = (
  params: CreateParams,
  options?: CallOptions
): Effect.Effect<CompatibleFile, DashScopeError, Files> =>
  Effect.flatMap(Files, (service) => service.create(params, options))

/**
 * One page of the files, in the OpenAI-compatible form.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const listCompatible = (
  params?: ListCompatibleParams,
  options?: CallOptions
): Effect.Effect<CompatibleFilePage, DashScopeError, Files> =>
  Effect.flatMap(Files, (service) => service.listCompatible(params, options))

/**
 * A file, in the OpenAI-compatible form.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const getCompatible = (
  fileId: string,
  options?: CallOptions
): Effect.Effect<CompatibleFile, DashScopeError, Files> =>
  Effect.flatMap(Files, (service) => service.getCompatible(fileId, options))

/**
 * Deletes a file, in the OpenAI-compatible form.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const removeCompatible = (
  fileId: string,
  options?: CallOptions
): Effect.Effect<CompatibleFile, DashScopeError, Files> =>
  Effect.flatMap(Files, (service) => service.removeCompatible(fileId, options))

/**
 * The bytes of a file, in the OpenAI-compatible form: the results of a batch, say. The connection is held until they were read.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const content = (
  fileId: string,
  options?: CallOptions
): Stream.Stream<Uint8Array, DashScopeError, Files> =>
  Stream.unwrap(Effect.map(Files, (service) => service.content(fileId, options)))

/**
 * All files of the native form, one after another; a page is asked for once those before it were read.
 *
 * @since 0.1.0
 * @category accessors
 */
export const all = (
  { pageSize = 100 }: { readonly pageSize?: number | undefined } = {},
  options?: CallOptions
): Stream.Stream<File, DashScopeError, Files> =>
  Pages.all(pageSize, (page) => list(page, options), ({ data }) => ({ items: data?.files ?? [], total: data?.total }))
