/** All requests that are compared, whichever service they are for, and who sends them. */
import { DashScope, Generation } from "effect-dashscope"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Case } from "./cases.js"
import { cases } from "./cases.js"
import type { ServiceCase } from "./services/case.js"
import type { Mode } from "./services/index.js"
import { invocationsOf, serviceCases } from "./services/index.js"
import type { SpeechCase } from "./speech.js"
import { sendSpeech, speechCases } from "./speech.js"

export interface Compared {
  readonly name: string
  readonly stream: boolean
  /** Those of the official SDKs that have it. */
  readonly sdks: ReadonlySet<string>
  /** As a user of this library asks, each time with a client of its own. */
  readonly send: (url: string, folder: string) => Effect.Effect<unknown, unknown>
}

/** The key of a case's request, by which a server's record tells it from others. */
export const keyOf = (name: string): string => `wire-${name}`

/** What is not sent with a key has its case in the name of its file. */
const fileName = /wire-([a-z0-9-]+)\.\w+"/

/** Which case a request is of, where it is of one. */
export const nameOf = (authorization: unknown, body: string): string | undefined =>
  typeof authorization === "string" ? /^Bearer wire-(.+)$/i.exec(authorization)?.[1] : fileName.exec(body)?.[1]

const sdksOf: { readonly [mode in Mode]: ReadonlyArray<string> } = {
  sync: ["Python sync", "Python 2 sync"],
  async: ["Python async", "Python 2 async"],
  client: ["Python 2 client"],
  "async-client": ["Python 2 async client"],
  java: ["Java"],
  "java-callbacks": ["Java callbacks"]
}

const modes: ReadonlyArray<Mode> = ["sync", "async", "client", "async-client", "java", "java-callbacks"]

/** All of the SDKs, by the ways in which they are asked. */
export const sdks: ReadonlyArray<string> = modes.flatMap((mode) => sdksOf[mode])

const ofGeneration: ReadonlySet<string> = new Set([...sdksOf.sync, ...sdksOf.async, ...sdksOf.java])

const generation = (one: Case): Compared => ({
  name: one.name,
  stream: one.stream,
  sdks: ofGeneration,
  send: (url) => {
    const options = { ...one.options, apiKey: keyOf(one.name) }
    const sent: Effect.Effect<unknown, unknown, Generation.Generation> = one.stream
      ? Stream.runDrain(Generation.stream(one.params, options))
      : Generation.call(one.params, options)
    return Effect.provide(sent, DashScope.layer({ endpoint: url + (one.endpoint ?? "") }))
  }
})

const service = (one: ServiceCase): Compared => ({
  name: one.name,
  stream: one.stream ?? false,
  sdks: new Set(modes.filter((mode) => mode in invocationsOf(one)).flatMap((mode) => sdksOf[mode])),
  send: (url, folder) =>
    Effect.provide(one.ours({ apiKey: keyOf(one.name) }, folder), DashScope.layer({ endpoint: url }))
})

const speech = (one: SpeechCase): Compared => ({
  name: one.name,
  stream: one.stream,
  sdks: new Set(one.sdks.flatMap((language) => sdksOf[language === "Python" ? "sync" : "java"])),
  send: (url) => sendSpeech(one, keyOf(one.name), url)
})

export const compared: ReadonlyArray<Compared> = [
  ...cases.map(generation),
  ...serviceCases.map(service),
  ...speechCases.map(speech)
]
