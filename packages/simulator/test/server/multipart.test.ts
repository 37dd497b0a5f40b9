import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { createHash } from "node:crypto"
import { readerFor } from "../../src/internal/server/body.js"
import { boundaryOf, field, FormReader } from "../../src/internal/server/multipart.js"

const boundary = "----cut"

const written = (parts: ReadonlyArray<{ readonly head: string; readonly content: Buffer }>): Buffer =>
  Buffer.concat([
    ...parts.flatMap(({ content, head }) => [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      content,
      Buffer.from("\r\n")
    ]),
    Buffer.from(`--${boundary}--\r\n`)
  ])

const read = (bytes: Buffer, size: number, most = Infinity) => {
  const reader = new FormReader(boundary, most)
  for (let at = 0; at < bytes.length; at += size) {
    reader.write(bytes.subarray(at, at + size))
  }
  return reader.end()
}

describe("forms", () => {
  it.prop("are read alike however they are cut", [
    FastCheck.array(FastCheck.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 4 }),
    FastCheck.integer({ min: 1, max: 90 })
  ], ([contents, size]) => {
    const parts = contents.map((content, i) => ({
      head: `name="n${i}"; filename="文件${i}"`,
      content: Buffer.from(content)
    }))
    const form = read(written(parts), size)
    assert.isTrue(form.complete)
    assert.deepStrictEqual(
      form.parts.map(({ bytes, fileName, name, size }) => ({ name, fileName, size, bytes: [...bytes] })),
      contents.map((content, i) => ({ name: `n${i}`, fileName: `文件${i}`, size: content.length, bytes: [...content] }))
    )
  })

  it("hold content that looks like a boundary, types and fields", () => {
    const content = Buffer.from(`\r\n--${boundary.slice(0, -1)}\r\n--`)
    const form = read(
      written([
        { head: "name=\"purpose\"", content: Buffer.from("file-extract") },
        { head: "name=\"file\"; filename=a.bin\r\nContent-Type: image/png", content }
      ]),
      3
    )
    assert.strictEqual(field(form, "purpose"), "file-extract")
    assert.strictEqual(field(form, "nothing"), undefined)
    const [, file] = form.parts
    assert.deepStrictEqual([file?.fileName, file?.contentType], ["a.bin", "image/png"])
    assert.deepStrictEqual(Buffer.from(file?.bytes ?? []), content)
  })

  it("keep the start of what is large, and know its size and MD5", () => {
    const content = Buffer.alloc(100_000, "abc")
    const [part] = read(written([{ head: "name=\"file\"; filename=\"x\"", content }]), 1000, 10).parts
    assert.strictEqual(part?.size, 100_000)
    assert.strictEqual(part?.bytes.length, 10)
    assert.strictEqual(Buffer.from(part?.md5 ?? []).toString("hex"), createHash("md5").update(content).digest("hex"))
  })

  it("that break off are not complete", () => {
    assert.isFalse(read(written([{ head: "name=\"a\"", content: Buffer.from("x") }]).subarray(0, 60), 7).complete)
  })

  it("are told by their content type", () => {
    assert.strictEqual(boundaryOf("multipart/form-data; boundary=abc"), "abc")
    assert.strictEqual(boundaryOf("multipart/form-data; charset=utf-8; boundary=\"a b\""), "a b")
    assert.strictEqual(boundaryOf("application/json"), undefined)
    assert.strictEqual(boundaryOf(undefined), undefined)
    const reader = readerFor("application/json")
    reader.write(Buffer.from("{}"))
    assert.deepStrictEqual(reader.end(), { text: "{}", form: undefined, size: 2 })
  })
})
