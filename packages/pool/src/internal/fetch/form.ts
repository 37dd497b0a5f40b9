import { randomUUID } from "node:crypto"

const escaped = (name: string): string => name.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll("\"", "%22")

const normalized = (text: string): string => text.replace(/\r\n|\r|\n/g, "\r\n")

/**
 * A form as `multipart/form-data`: as a Blob, whose size is known and whose files are read while they are sent.
 *
 * @internal
 */
export const toMultipart = (form: FormData): Blob => {
  const boundary = `----formdata-${randomUUID()}`
  const parts: Array<BlobPart> = []
  form.forEach((value, name) => {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${escaped(normalized(name))}"`
    if (typeof value === "string") return void parts.push(`${head}\r\n\r\n${normalized(value)}\r\n`)
    const type = value.type === "" ? "application/octet-stream" : value.type
    parts.push(`${head}; filename="${escaped(value.name)}"\r\ncontent-type: ${type}\r\n\r\n`, value, "\r\n")
  })
  parts.push(`--${boundary}--\r\n`)
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` })
}
