import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** A number, or a number in a text: the documentation says the one, and the service sends the other. */
const Count = Schema.Union(Schema.Number, Schema.NumberFromString)

const Wire = Schema.Struct({
  data: Schema.Struct({
    policy: Schema.String,
    signature: Schema.String,
    upload_dir: Schema.String,
    upload_host: Schema.String,
    expire_in_seconds: Schema.optional(Count),
    max_file_size_mb: Schema.optional(Count),
    oss_access_key_id: Schema.String,
    x_oss_object_acl: Schema.String,
    x_oss_forbid_overwrite: Schema.String
  })
})

/** What lets files be put on the storage host for a while. @internal */
export interface Certificate {
  readonly host: string
  readonly directory: string
  /** The fields of the form, before the key and the file. */
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>
  readonly rest: ReadonlyArray<readonly [name: string, value: string]>
  readonly secrets: ReadonlyArray<string>
  /** In bytes. */
  readonly largest: number
  readonly lifeMillis: number
}

// Compiled when it is used first.
const decodeWire = (json: unknown) => Schema.decodeUnknownEither(Wire)(json)

/** The shortest that was seen. */
const defaultSeconds = 300

/** The body of an answer to `getPolicy`. @internal */
export const decode = (body: unknown): Either.Either<Certificate, ParseResult.ParseError> =>
  Either.map(decodeWire(body), ({ data }) => ({
    host: data.upload_host,
    directory: data.upload_dir,
    fields: [
      ["OSSAccessKeyId", data.oss_access_key_id],
      ["Signature", data.signature],
      ["policy", data.policy]
    ],
    rest: [
      ["x-oss-object-acl", data.x_oss_object_acl],
      ["x-oss-forbid-overwrite", data.x_oss_forbid_overwrite],
      ["success_action_status", "200"]
    ],
    secrets: [data.signature, data.policy],
    largest: (data.max_file_size_mb ?? Infinity) * 1024 * 1024,
    lifeMillis: (data.expire_in_seconds ?? defaultSeconds) * 1000
  }))
