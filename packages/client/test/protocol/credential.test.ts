import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Credential from "../../src/internal/protocol/credential.js"
import { systemError } from "../util/platform.js"

const setup = (options: {
  readonly apiKey?: Credential.KeyInput
  readonly apiKeyFile?: string
  readonly env?: Record<string, string>
  /** Absent: there is no FileSystem. */
  readonly files?: Record<string, string>
}) => {
  const files = options.files
  const reads: Array<string> = []
  const fileSystem = FileSystem.makeNoop({
    readFileString: (path) =>
      Effect.suspend(() => {
        reads.push(path)
        const content = files?.[path]
        return content === undefined || content === "forbidden" ?
          Effect.fail(
            systemError({
              module: "FileSystem",
              method: "readFileString",
              reason: content === undefined ? "NotFound" : "PermissionDenied",
              pathOrDescriptor: path
            })
          ) :
          Effect.succeed(content)
      })
  })
  const make = Credential.make({ apiKey: options.apiKey, apiKeyFile: options.apiKeyFile }).pipe(
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(options.env ?? {}))))
  )
  return {
    files: files ?? {},
    reads,
    credential: files === undefined ? make : Effect.provideService(make, FileSystem.FileSystem, fileSystem)
  }
}

const home = "/home/ada/.dashscope/api_key"

describe("the key", () => {
  it.effect("of the call goes first, then the layer's, the environment's, the named file's, and that of the home", () =>
    Effect.gen(function*() {
      const all = {
        apiKey: "of-the-layer",
        env: { DASHSCOPE_API_KEY: "of-the-env", DASHSCOPE_API_KEY_FILE_PATH: "/etc/key", HOME: "/home/ada" },
        files: { "/etc/key": "of-the-file\nsecond line", [home]: "of-the-home\r\n" }
      }
      const secret = (options: Parameters<typeof setup>[0]) =>
        setup(options).credential.pipe(
          Effect.flatMap((credential) => credential.current),
          Effect.map((key) => key.secret)
        )

      const { credential } = setup(all)
      assert.strictEqual((yield* Effect.flatMap(credential, (_) => _.ofCall("of-the-call"))).secret, "of-the-call")
      assert.strictEqual(yield* secret(all), "of-the-layer")
      assert.strictEqual(yield* secret({ env: all.env, files: all.files }), "of-the-env")
      const { DASHSCOPE_API_KEY: _, ...envWithFile } = all.env
      assert.strictEqual(yield* secret({ env: envWithFile, files: all.files }), "of-the-file")
      assert.strictEqual(
        yield* secret({
          env: envWithFile,
          files: { ...all.files, "/opt/key": " of-the-option " },
          apiKeyFile: "/opt/key"
        }),
        "of-the-option"
      )
      assert.strictEqual(yield* secret({ env: { HOME: "/home/ada/" }, files: all.files }), "of-the-home")
      assert.strictEqual(
        yield* secret({
          env: { USERPROFILE: "C:\\Users\\ada" },
          files: { "C:\\Users\\ada/.dashscope/api_key": "\ufeffwin" }
        }),
        "win"
      )
      // A named file that does not exist leaves the one of the home.
      assert.strictEqual(yield* secret({ env: envWithFile, files: { [home]: "of-the-home" } }), "of-the-home")
    }))

  it.effect("is a Redacted or a text, and an empty one counts as missing", () =>
    Effect.gen(function*() {
      const credential = yield* setup({ apiKey: Redacted.make("of-the-layer") }).credential
      const secretOf = (key: Credential.KeyInput) => Effect.map(credential.ofCall(key), (key) => key.secret)
      assert.strictEqual(yield* secretOf(Redacted.make("of-the-call")), "of-the-call")
      assert.strictEqual(yield* secretOf(""), "of-the-layer")
      assert.strictEqual(yield* secretOf(" \n"), "of-the-layer")
      const wiped = Redacted.make("wiped-secret")
      Redacted.unsafeWipe(wiped)
      assert.strictEqual(yield* secretOf(wiped), "of-the-layer")
    }))

  it.effect("that is nowhere: the error names each place and why it had none", () =>
    Effect.gen(function*() {
      const lookedIn = (options: Parameters<typeof setup>[0]) =>
        Effect.gen(function*() {
          const credential = yield* setup(options).credential
          const error = yield* Effect.flip(credential.current)
          return error._tag === "NoApiKey" ? error.lookedIn : [error._tag]
        })
      assert.deepStrictEqual(yield* lookedIn({}), [
        "the call's apiKey (not given)",
        "the layer's apiKey (not given)",
        "DASHSCOPE_API_KEY (not set, or empty)",
        "the key file (neither apiKeyFile nor DASHSCOPE_API_KEY_FILE_PATH is set)",
        "~/.dashscope/api_key (neither HOME nor USERPROFILE is set)"
      ])
      assert.deepStrictEqual(
        yield* lookedIn({
          apiKey: "",
          env: { DASHSCOPE_API_KEY: "", DASHSCOPE_API_KEY_FILE_PATH: "/etc/key", HOME: "/home/ada" },
          files: { "/etc/key": "forbidden", [home]: "\nkey-on-the-second-line" }
        }),
        [
          "the call's apiKey (not given)",
          "the layer's apiKey (empty)",
          "DASHSCOPE_API_KEY (not set, or empty)",
          "the file /etc/key (DASHSCOPE_API_KEY_FILE_PATH) (cannot be read: PermissionDenied)",
          `the file ${home} (its first line is empty)`
        ]
      )
      assert.deepStrictEqual((yield* lookedIn({ apiKeyFile: "/etc/key", env: { HOME: "/home/ada" } })).slice(3), [
        "the file /etc/key (apiKeyFile) (not read: no FileSystem was provided)",
        `the file ${home} (not read: no FileSystem was provided)`
      ])
      assert.deepStrictEqual((yield* lookedIn({ apiKeyFile: "sk-0123456789abcdef", files: {} })).slice(3, 4), [
        "the file <redacted> (apiKeyFile) (does not exist)"
      ])
    }))

  it.effect("is looked up until it is found, and again only after it was refused", () =>
    Effect.gen(function*() {
      const { credential: make, files, reads } = setup({ env: { HOME: "/home/ada" }, files: {} })
      const credential = yield* make
      assert.strictEqual((yield* Effect.flip(credential.current))._tag, "NoApiKey")
      files[home] = "first"
      const key = yield* credential.current
      yield* credential.current
      assert.strictEqual(key.secret, "first")
      assert.deepStrictEqual(reads, [home, home])
      files[home] = "second"
      assert.strictEqual((yield* credential.current).secret, "first")
      credential.forget(key)
      assert.strictEqual((yield* credential.current).secret, "second")
    }))

  const illegal = ["two words", "line\nbreak", "tail\r\n", "nul\u0000", "schlüssel", "密钥", "tab\there", "\u007f"]

  it.effect("that HTTP cannot carry is refused without being repeated, wherever it comes from", () =>
    Effect.gen(function*() {
      for (const secret of illegal) {
        const places = [
          Effect.flatMap(setup({}).credential, (credential) => credential.ofCall(secret)),
          Effect.flatMap(setup({ apiKey: secret }).credential, (credential) => credential.current),
          Effect.flatMap(setup({ env: { DASHSCOPE_API_KEY: secret } }).credential, (credential) => credential.current)
        ]
        for (const place of places) {
          const error = yield* Effect.flip(place)
          assert.strictEqual(error._tag === "InputRequired" && error.field, "apiKey")
          assert.notInclude(error.message, secret)
        }
      }
      const fromFile = yield* setup({ apiKeyFile: "/key", files: { "/key": "two words" } }).credential
      assert.strictEqual((yield* Effect.flip(fromFile.current))._tag, "InputRequired")
    }))
})
