/** Cases of every service but text generation, each in the words of each SDK. A row is all that a case needs. */
import { applications } from "./applications.js"
import type { Invocation, Json, ServiceCase } from "./case.js"
import { folder, key } from "./case.js"
import { embeddings } from "./embeddings.js"
import { imageGeneration } from "./imageGeneration.js"
import { language } from "./language.js"
import { multimodal } from "./multimodal.js"
import { recognitions } from "./recognition.js"
import { resourceFiles, resources } from "./resources.js"
import { speeches } from "./speech.js"
import { tasks } from "./tasks.js"

/** In an order that matters: what is made in one case is asked for in those after it. */
export const serviceCases: ReadonlyArray<ServiceCase> = [
  ...embeddings,
  ...applications,
  ...language,
  ...resources,
  ...multimodal,
  ...speeches,
  ...recognitions,
  ...tasks,
  ...imageGeneration
]

/** Files that cases send, which the programs and our own client find in one folder. */
export const files: ReadonlyArray<readonly [name: string, text: string]> = resourceFiles

/** How a program asks: its argument. */
export type Mode = "sync" | "async" | "client" | "async-client" | "java" | "java-callbacks"

type Invocations = { readonly [mode in Mode]?: Invocation }

/** What each program is to ask; a service without a client of its own is left out of that program. */
export const invocationsOf = (
  { asyncClient = true, callbacks = false, client, gives, java, python, pythonAsync }: ServiceCase
): Invocations => {
  const also = (call: string): Invocation => ({ arguments: {}, ...python, call })
  // It has nothing around what the service gives.
  const flat = gives.map((path) => path.replace(/^(?:output|data)\./, ""))
  const ofClient = client &&
    { gives: flat, ...(typeof client === "string" ? { ...also(client), gives: flat } : client) }
  return {
    ...(python && { sync: python }),
    ...(pythonAsync !== undefined && { async: also(pythonAsync) }),
    ...(ofClient && { client: ofClient }),
    ...(ofClient && asyncClient && { "async-client": ofClient }),
    ...(java && { java }),
    ...(java && callbacks && { "java-callbacks": java })
  }
}

/** The arguments as they are sent: with the case's key, and the folder where its files are. */
const filled = (value: Json, name: string, path: string): Json =>
  typeof value === "string"
    ? value.replaceAll(key, name).replaceAll(folder, path)
    : Array.isArray(value)
    ? value.map((one: Json) => filled(one, name, path))
    : typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([field, one]) => [field, filled(one, name, path)]))
    : value

/** The cases as the programs in other languages read them. */
export const serviceCasesJson = (keyOf: (name: string) => string, path: string): string =>
  JSON.stringify(
    serviceCases.map((one) => {
      const { gives, name, stream = false } = one
      const invocations = Object.entries(invocationsOf(one)).map(([mode, { arguments: given, hears, ...made }]) =>
        [mode, {
          gives,
          ...made,
          arguments: filled(given, keyOf(name), path),
          ...(hears !== undefined && { hears: filled(hears, keyOf(name), path) })
        }] as const
      )
      return { name, key: keyOf(name), stream, ...Object.fromEntries(invocations) }
    })
  )
