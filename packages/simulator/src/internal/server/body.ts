/**
 * The body of a request, collected as it comes.
 */
import type { Form } from "./multipart.js"
import { boundaryOf, FormReader } from "./multipart.js"

/** @internal */
export interface RequestBody {
  /** Decoded as UTF-8; of a form, its first 64 KiB at the most. */
  readonly text: string
  readonly form: Form | undefined
  /** Bytes that arrived. */
  readonly size: number
}

/** @internal */
export interface BodyReader {
  readonly write: (chunk: Buffer) => void
  readonly end: () => RequestBody
}

const mostFormText = 64 * 1024
const mostOfPart = 4 * 1024 * 1024

/** @internal */
export const readerFor = (contentType: string | undefined): BodyReader => {
  const boundary = boundaryOf(contentType)
  const form = boundary === undefined ? undefined : new FormReader(boundary, mostOfPart)
  const chunks: Array<Buffer> = []
  let size = 0
  let kept = 0
  return {
    write: (chunk) => {
      size += chunk.length
      form?.write(chunk)
      if (form === undefined || kept < mostFormText) {
        chunks.push(form === undefined ? chunk : Buffer.from(chunk.subarray(0, mostFormText - kept)))
        kept += chunk.length
      }
    },
    end: () => {
      const [first] = chunks
      const bytes = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
      return { text: bytes.toString("utf8"), form: form?.end(), size }
    }
  }
}
