/**
 * Transcription of recorded speech: `/services/audio/asr/transcription`. Each request is a task, whose sub-tasks are its files;
 * `qwen3-asr-flash-filetrans` takes one file, and answers in a form of its own.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asString } from "../core/json.js"
import type { Resolve } from "../core/media.js"
import { isServedAs } from "../core/models.js"
import { keepResult, taskResultEnds } from "../results/service.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { inputOf, modelOf, modelRoute, parametersOf, urlError } from "../server/route.js"
import type { TaskFailure } from "../tasks/store.js"
import { asynchronousOnly, submitTask } from "../tasks/store.js"
import { resolver } from "../upload/service.js"
import { secondsOf, transcript, transcriptOfQwen } from "./transcript.js"

const mostFiles = 100

const isUrl = (url: string): boolean => /^https?:\/\/./.test(url) && URL.canParse(url)

/** Hosts that end in `.invalid` cannot be reached; one that starts with `forbidden` lets nobody in. */
const downloadFailure = (url: string, resolve: Resolve): TaskFailure | undefined => {
  if (url.startsWith("oss://")) {
    return "_tag" in resolve(url)
      ? { code: "FILE_DOWNLOAD_FAILED", message: "FILE_DOWNLOAD_FAILED" }
      : undefined
  }
  if (!isUrl(url)) {
    return { code: "REQUEST_INVALID_FILE_URL_VALUE", message: "The file URL is not valid." }
  }
  const { hostname } = new URL(url)
  return hostname.endsWith(".invalid")
    ? { code: "InvalidFile.DownloadFailed", message: "The audio file cannot be downloaded." }
    : undefined
}

const failureOfQwen = (url: string, resolve: Resolve): TaskFailure | undefined => {
  const wrong = downloadFailure(url, resolve)
  return wrong?.code !== "InvalidFile.DownloadFailed"
    ? wrong
    : new URL(url).hostname.startsWith("forbidden")
    ? { code: "FILE_403_FORBIDDEN", message: "FILE_403_FORBIDDEN" }
    : { code: "FILE_DOWNLOAD_FAILED", message: "FILE_DOWNLOAD_FAILED" }
}

const checkParameters = (parameters: JsonObject) => {
  const channels = parameters.channel_id === undefined ? [0] : asArray(parameters.channel_id)
  if (channels?.every((one) => typeof one === "number" && Number.isInteger(one) && one >= 0) !== true) {
    return invalid("The channel_id should be a list of whole numbers.")
  }
  const speakers = asNumber(parameters.speaker_count)
  if (parameters.special_word_filter !== undefined && typeof parameters.special_word_filter !== "string") {
    return invalid("The special_word_filter should be a JSON string.")
  }
  return speakers !== undefined && (speakers < 2 || speakers > 100)
    ? invalid("Range of speaker_count should be [2, 100]")
    : undefined
}

const keepTranscript = (incoming: Incoming, content: JsonObject): string =>
  keepResult(
    incoming,
    `${incoming.state.nextId("transcript")}.json`,
    "application/json",
    () => Buffer.from(JSON.stringify(content)),
    taskResultEnds(incoming)
  )

const ofQwen = (model: string, input: JsonObject, parameters: JsonObject, incoming: Incoming): Answer => {
  const url = asString(input.file_url)
  return url === undefined || url === "" ? invalid("input must contain file_url") : submitTask(incoming, {
    model,
    failure: failureOfQwen(url, resolver(incoming, model)),
    result: () => ({
      output: { result: { transcription_url: keepTranscript(incoming, transcriptOfQwen(url, parameters)) } },
      usage: { seconds: secondsOf(url) }
    })
  }, input)
}

const ofFiles = (model: string, input: JsonObject, parameters: JsonObject, incoming: Incoming): Answer => {
  const given = asArray(input.file_urls)
  const urls = given?.filter((url) => typeof url === "string") ?? []
  if (given === undefined || given.length === 0 || urls.length < given.length) {
    return invalid("input must contain file_urls")
  }
  if (urls.length > mostFiles) {
    return invalid(`The number of file_urls should be ${mostFiles} at most.`)
  }
  const channels = (asArray(parameters.channel_id) ?? [0]).length
  const resolve = resolver(incoming, model)
  return submitTask(incoming, {
    model,
    subTasks: urls.length,
    failureOf: (i) => downloadFailure(urls[i] ?? "", resolve),
    result: (failures) => ({
      output: {
        results: failures.map((failure, i) => {
          const file_url = urls[i] ?? ""
          return failure === undefined
            ? {
              file_url,
              transcription_url: keepTranscript(incoming, transcript(file_url, parameters)),
              subtask_status: "SUCCEEDED"
            }
            : { file_url, ...failure, subtask_status: "FAILED" }
        })
      },
      usage: {
        duration: channels *
          failures.reduce((sum, failure, i) => failure === undefined ? sum + secondsOf(urls[i] ?? "") : sum, 0)
      }
    })
  }, input)
}

const submit = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  if (!isServedAs(model, "transcription")) {
    return urlError
  }
  const [input, parameters] = [inputOf(request), parametersOf(request)]
  const wrong = asynchronousOnly(incoming) ?? checkParameters(parameters)
  if (wrong !== undefined) {
    return wrong
  }
  return /^qwen\d*-asr/.test(model)
    ? ofQwen(model, input, parameters, incoming)
    : ofFiles(model, input, parameters, incoming)
}

/** @internal */
export const transcriptionRoutes = [modelRoute("/api/v1/services/audio/asr/transcription", submit)]
