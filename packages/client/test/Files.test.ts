import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as DashScope from "../src/DashScope.js"
import * as Files from "../src/Files.js"
import { serviceContract } from "./util/serviceContract.js"

const source = { name: "notes.txt", content: "一些笔记" }
const native = { id: 1, file_id: "f-1", name: "notes.txt", size: 12, gmt_create: "2025-11-30 18:42:45" }
const ofNative = { id: 1, fileId: "f-1", name: "notes.txt", size: 12, gmtCreate: "2025-11-30 18:42:45" }
const compatible = {
  id: "file-fe-1",
  object: "file",
  bytes: 12,
  filename: "notes.txt",
  status: "processed",
  created_at: 1
}
const { created_at: createdAt, ...rest } = compatible
const ofCompatible = { ...rest, createdAt }
const path = "/compatible-mode/v1/files"

serviceContract("Files", {
  layer: Files.layer,
  samples: [{
    name: "upload",
    run: (options) =>
      Files.upload({
        files: [{ ...source, description: "notes" }, { name: "b.txt", content: new TextEncoder().encode("b") }],
        purpose: "file-extract"
      }, options),
    sends: {
      path: "/api/v1/files",
      form: [["files", "notes.txt"], ["files", "b.txt"], ["descriptions", "notes"], ["descriptions", ""], [
        "purpose",
        "file-extract"
      ]]
    },
    answer: {
      data: {
        uploaded_files: [{ name: "notes.txt", file_id: "f-1" }],
        failed_uploads: [{ name: "b.txt", code: "BadRequest.TooMany", message: "Out of number" }]
      },
      request_id: "r"
    },
    gives: {
      data: {
        uploadedFiles: [{ name: "notes.txt", fileId: "f-1" }],
        failedUploads: [{ name: "b.txt", code: "BadRequest.TooMany", message: "Out of number" }]
      },
      requestId: "r"
    },
    schema: Files.UploadResult,
    isRepeatable: false,
    observed: { operation: "upload_files" }
  }, {
    name: "list",
    run: (options) => Files.list({ pageNo: 1, pageSize: 2 }, options),
    sends: { method: "GET", path: "/api/v1/files?page_no=1&page_size=2" },
    answer: {
      code: 0,
      msg: "操作成功",
      success: true,
      data: { total: 1, files: [native], page_no: 1, page_size: 2 },
      request_id: "r"
    },
    gives: {
      code: 0,
      msg: "操作成功",
      success: true,
      data: { total: 1, files: [ofNative], pageNo: 1, pageSize: 2 },
      requestId: "r"
    },
    schema: Files.FilePage,
    observed: { operation: "list_files" }
  }, {
    name: "get",
    run: (options) => Files.get("f-1", options),
    sends: { method: "GET", path: "/api/v1/files/f-1" },
    answer: { data: native, request_id: "r" },
    gives: { data: ofNative, requestId: "r" },
    schema: Files.FileResult,
    observed: { operation: "get_file" }
  }, {
    name: "remove",
    run: (options) => Files.remove("f-1", options),
    sends: { method: "DELETE", path: "/api/v1/files/f-1" },
    answer: { request_id: "r" },
    gives: { requestId: "r" },
    schema: Files.FileResult,
    observed: { operation: "delete_file" }
  }, {
    name: "create",
    run: (options) =>
      Files.create({ file: { ...source, content: new Blob(["一些笔记"]) }, purpose: "file-extract" }, options),
    sends: { path, form: [["file", "notes.txt"], ["purpose", "file-extract"]] },
    answer: { ...compatible, request_id: "r" },
    gives: { ...ofCompatible, requestId: "r" },
    schema: Files.CompatibleFile,
    isRepeatable: false,
    observed: { operation: "create_file" }
  }, {
    name: "listCompatible",
    run: (options) =>
      Files.listCompatible({ after: "a", limit: 3, createAfter: "20250101", purpose: "batch" }, options),
    sends: { method: "GET", path: `${path}?after=a&limit=3&create_after=20250101&purpose=batch` },
    answer: { object: "list", data: [compatible], has_more: false, request_id: "r" },
    gives: { object: "list", data: [ofCompatible], hasMore: false, requestId: "r" },
    schema: Files.CompatibleFilePage,
    observed: { operation: "list_compatible_files" }
  }, {
    name: "getCompatible",
    run: (options) => Files.getCompatible("file-fe-1", options),
    sends: { method: "GET", path: `${path}/file-fe-1` },
    answer: { ...compatible, request_id: "r" },
    gives: { ...ofCompatible, requestId: "r" },
    schema: Files.CompatibleFile,
    observed: { operation: "get_compatible_file" }
  }, {
    name: "removeCompatible",
    run: (options) => Files.removeCompatible("file-fe-1", options),
    sends: { method: "DELETE", path: `${path}/file-fe-1` },
    answer: { id: "file-fe-1", object: "file", deleted: true, request_id: "r" },
    gives: { id: "file-fe-1", object: "file", deleted: true, requestId: "r" },
    schema: Files.CompatibleFile,
    observed: { operation: "delete_compatible_file" }
  }],
  refuses: [
    ["files", Files.upload({ files: [] })],
    ["files[0]", Files.upload({ files: [{ ...source, name: "" }] })],
    // A path is no content: nothing is read from the disk.
    [
      "file",
      Files.create({
        file: Object.assign({ path: "/etc/passwd" }, source, { content: undefined as never }),
        purpose: "batch"
      })
    ],
    ["purpose", Files.create({ file: source, purpose: "" })],
    ["fileId", Files.get("")],
    ["fileId", Stream.runDrain(Files.content(""))]
  ],
  recordings: {
    of: ({ name }) => name === "get-file-nosse" || name === "delete-file-nosse",
    schema: Files.FileResult
  }
})

serviceContract("Files, recorded uploads", {
  layer: Files.layer,
  samples: [],
  refuses: [],
  recordings: { of: ({ name }) => name === "upload-file-nosse", schema: Files.UploadResult }
})

serviceContract("Files, recorded lists", {
  layer: Files.layer,
  samples: [],
  refuses: [],
  recordings: { of: ({ name }) => name === "list-files-nosse", schema: Files.FilePage }
})

serviceContract("Files, recorded in the compatible form", {
  layer: Files.layer,
  samples: [],
  refuses: [],
  recordings: { of: ({ name }) => name === "upload-file-compatible-nosse", schema: Files.CompatibleFile }
})

serviceContract("Files, recorded lists of the compatible form", {
  layer: Files.layer,
  samples: [],
  refuses: [],
  recordings: { of: ({ name }) => name === "list-files-compatible-nosse", schema: Files.CompatibleFilePage }
})

const over = <A, E>(run: Effect.Effect<A, E, DashScope.Services>) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    return yield* Effect.provide(run, DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url }))
  }).pipe(Effect.scoped)

it.live("keeps what is uploaded, in both forms, and gives it back", () =>
  over(Effect.gen(function*() {
    const uploaded = yield* Files.upload({ files: [source, { name: "b.txt", content: "b" }], purpose: "file-extract" })
    const ids = (uploaded.data?.uploadedFiles ?? []).map(({ fileId }) => fileId ?? "")
    assert.lengthOf(ids, 2)
    const { data } = yield* Files.get(ids[0] ?? "")
    assert.strictEqual(data?.name, "notes.txt")
    const all = yield* Stream.runCollect(Files.all({ pageSize: 1 }))
    assert.sameMembers([...all].map(({ fileId }) => fileId), ids)
    yield* Files.remove(ids[0] ?? "")
    assert.deepInclude<object>({ ...yield* Effect.flip(Files.get(ids[0] ?? "")) }, {
      _tag: "ApiError",
      reason: "NotFound"
    })

    const created = yield* Files.create({ file: source, purpose: "file-extract" })
    assert.strictEqual(yield* Files.content(created.id).pipe(Stream.decodeText(), Stream.mkString), source.content)
    assert.strictEqual((yield* Files.getCompatible(created.id)).filename, "notes.txt")
    const page = yield* Files.listCompatible({ purpose: "file-extract" })
    assert.include((page.data ?? []).map(({ id }) => id), created.id)
    assert.isTrue((yield* Files.removeCompatible(created.id)).deleted)
    const gone = yield* Effect.flip(Stream.runDrain(Files.content(created.id)))
    assert.deepInclude<object>({ ...gone }, { _tag: "ApiError", reason: "NotFound" })
  })))
