import type { Certificate } from "./certificate.js"

/** A form with one file: what stands before and after its bytes. @internal */
export interface Form {
  readonly contentType: string
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

const encoder = new TextEncoder()

/** The last part of a path, in characters that are safe in a key, a form and a URL. @internal */
export const nameOf = (path: string): string => {
  const last = path.replaceAll("\\", "/").split("/").at(-1) ?? ""
  return last.replaceAll(/[^A-Za-z0-9._-]+/g, "_").slice(-100) || "file"
}

/** The one file of a form. @internal */
export interface FormFile {
  /** Of the form's field. */
  readonly field: string
  readonly name: string
  readonly mediaType: string
}

/** A form of fields and, last, a file. @internal */
export const around = (
  fields: ReadonlyArray<readonly [name: string, value: string]>,
  { field, mediaType, name }: FormFile,
  boundary: string
): Form => {
  const parts = fields.map(([name, value]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  )
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: encoder.encode(
      `${parts.join("")}--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${
        nameOf(name)
      }"\r\nContent-Type: ${mediaType}\r\n\r\n`
    ),
    tail: encoder.encode(`\r\n--${boundary}--\r\n`)
  }
}

/**
 * The fields in the order that the service's page gives, the file last: what follows it is not read.
 *
 * @internal
 */
export const make = (certificate: Certificate, key: string, mediaType: string, boundary: string): Form =>
  around(
    [...certificate.fields, ["key", key], ...certificate.rest, ["x-oss-content-type", mediaType]],
    { field: "file", name: key, mediaType },
    boundary
  )

const element = (xml: string, name: string): string => {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ""
  return found.replaceAll(/&(lt|gt|amp|quot|apos);/g, (_, entity: string) => entities[entity] ?? "")
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: "\"", apos: "'" }

/** What the storage host says of a failure, in XML. @internal */
export const errorOf = (xml: string): {
  readonly code: string
  readonly message: string
  readonly requestId: string | undefined
} => ({
  code: element(xml, "Code"),
  message: element(xml, "Message"),
  requestId: element(xml, "RequestId") || undefined
})
