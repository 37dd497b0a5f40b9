/**
 * Fine-tuning jobs: `/fine-tunes`. A job is one state further each time it is asked for; its event stream brings it to its
 * end. Jobs whose model's name contains `fail` fail.
 */
import { digest } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"
import { findFile } from "../files/store.js"
import type { Answer, Chunk } from "../server/answer.js"
import { failure, invalid, whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { pageOf, readPage } from "../server/page.js"
import { Progress } from "../server/progress.js"
import type { Route } from "../server/route.js"
import { checkModel, jsonOf, notJson } from "../server/route.js"
import { part } from "../server/state.js"

type Status = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED"

interface Job {
  readonly id: string
  readonly model: string
  readonly type: string
  readonly training: ReadonlyArray<string>
  readonly validation: ReadonlyArray<string>
  readonly hyperParameters: JsonObject
  readonly created: number
  readonly output: string
  readonly progress: Progress<Status>
}

const jobs = part(() => new Map<string, Job>())

const types: ReadonlyArray<string> = [
  "sft",
  "efficient_sft",
  "cpt",
  "dpo_full",
  "dpo_lora",
  "compile_asr_phrase"
]

const strings = (value: unknown): ReadonlyArray<string> | undefined => {
  const list = value === undefined || value === null ? [] : asArray(value)
  return list?.every((one) => typeof one === "string") === true ? list : undefined
}

const timeOf = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ")

const described = (job: Job, status: Status): JsonObject => ({
  job_id: job.id,
  job_name: job.id,
  status,
  ...(status === "SUCCEEDED" ? { finetuned_output: job.output } : {}),
  ...(status === "FAILED" ? { code: "InvalidFile.Format", message: "The training files could not be read." } : {}),
  model: job.model,
  base_model: job.model,
  training_file_ids: job.training,
  validation_file_ids: job.validation,
  hyper_parameters: job.hyperParameters,
  training_type: job.type,
  create_time: timeOf(job.created)
})

const answer = (incoming: Incoming, output: JsonObject): Answer => whole({ request_id: incoming.requestId, output })

const create = (incoming: Incoming): Answer => {
  const body = jsonOf(incoming)
  if (body === undefined) {
    return notJson
  }
  const missing = checkModel(body.model, incoming.settings)
  const training = strings(body.training_file_ids)
  const validation = strings(body.validation_file_ids)
  const type = asString(body.training_type) ?? "sft"
  if (missing !== undefined) {
    return missing
  }
  if (training === undefined || validation === undefined) {
    return invalid("The lists of file ids have to be lists of strings.")
  }
  if (!types.includes(type)) {
    return invalid(`The training_type should be one of ${types.join(", ")}, and not ${JSON.stringify(type)}.`)
  }
  if (type !== "compile_asr_phrase" && training.length === 0) {
    return invalid("The training_file_ids are missing.")
  }
  // Files of this simulator have its ids; others are taken on trust.
  const gone = [...training, ...validation].find((id) =>
    /^file-(?:fe|batch)-[0-9a-f]{24}$/.test(id) && findFile(incoming.state, id) === undefined
  )
  if (gone !== undefined) {
    return invalid(`File [id:${gone}] cannot be found.`)
  }
  const model = asString(body.model) ?? ""
  const name = digest(incoming.state.nextId("job")).slice(0, 8)
  const id = `ft-${name}`
  const job: Job = {
    id,
    model,
    type,
    training,
    validation,
    hyperParameters: asObject(body.hyper_parameters) ?? {},
    created: incoming.now,
    output: type === "compile_asr_phrase" ? `asr-phrase-${name}` : `${model}-${id}`,
    progress: new Progress<Status>(
      type === "compile_asr_phrase"
        ? ["SUCCEEDED"]
        : ["PENDING", "RUNNING", /fail/.test(model) ? "FAILED" : "SUCCEEDED"]
    )
  }
  jobs(incoming.state).set(id, job)
  return answer(incoming, described(job, job.progress.status))
}

const found = (incoming: Incoming, serve: (job: Job) => Answer): Answer => {
  const job = jobs(incoming.state).get(incoming.params.id ?? "")
  return job === undefined ? failure(404, "NotFound", "Not found!") : serve(job)
}

const list = (incoming: Incoming): Answer => {
  const page = readPage(incoming.query)
  const all = [...jobs(incoming.state).values()].reverse()
  return answer(incoming, {
    page_no: page.number,
    page_size: page.size,
    total: all.length,
    jobs: pageOf(all, page).map((job) => described(job, job.progress.status))
  })
}

const outputs = (incoming: Incoming): Answer => {
  const page = readPage(incoming.query)
  const all = [...jobs(incoming.state).values()].filter(({ progress }) => progress.status === "SUCCEEDED").reverse()
  return answer(incoming, {
    page_no: page.number,
    page_size: page.size,
    total: all.length,
    finetuned_outputs: pageOf(all, page).map(({ created, id, model, output }) => ({
      job_id: id,
      finetuned_output: output,
      model,
      create_time: timeOf(created)
    }))
  })
}

const lines = ({ id, model }: Job): ReadonlyArray<string> => [
  `${id}: the job of ${model} is queued`,
  `${id}: epoch 1, loss 1.25`,
  `${id}: epoch 2, loss 0.75`,
  `${id}: epoch 3, loss 0.5`,
  `${id}: the job is over`
]

const logs = (incoming: Incoming): Answer =>
  found(incoming, (job) => {
    const offset = Math.max(1, Number(incoming.query.get("offset") ?? "1") || 1)
    const count = Math.max(1, Number(incoming.query.get("line") ?? "1000") || 1000)
    const all = job.progress.isOver ? lines(job) : lines(job).slice(0, 2)
    return answer(incoming, { total: all.length, logs: all.slice(offset - 1, offset - 1 + count) })
  })

function* events(job: Job, requestId: string): Generator<Chunk> {
  const all = lines(job)
  for (const [i, message] of all.entries()) {
    const finishes = i === all.length - 1
    if (finishes) {
      job.progress.end()
    }
    yield {
      value: {
        output: { job_id: job.id, status: finishes ? job.progress.status : "RUNNING", message },
        request_id: requestId
      },
      finishes
    }
  }
}

const stream = (incoming: Incoming): Answer =>
  found(incoming, (job) => ({
    _tag: "Success",
    streamed: true,
    whole: () => ({ request_id: incoming.requestId }),
    chunks: () => events(job, incoming.requestId)
  }))

const unsupported = (what: string): Answer => failure(400, "UnsupportedOperation", what)

const cancel = (incoming: Incoming): Answer =>
  found(incoming, ({ progress }) => {
    if (progress.isOver) {
      return unsupported("Failed to cancel the job, please confirm that it has not ended.")
    }
    progress.end("CANCELED")
    return answer(incoming, { status: "success" })
  })

const remove = (incoming: Incoming): Answer =>
  found(incoming, ({ id, progress }) => {
    if (progress.status === "SUCCEEDED") {
      return unsupported("Failed to delete the job, please confirm that it has not succeeded.")
    }
    jobs(incoming.state).delete(id)
    return answer(incoming, { status: "success" })
  })

/** Compiled phrases are outputs that can be asked for and deleted by themselves. */
const output = (incoming: Incoming, serve: (job: Job) => Answer): Answer => {
  const job = [...jobs(incoming.state).values()].find((one) => one.output === incoming.params.id)
  return job === undefined ? failure(404, "NotFound", "Not found!") : serve(job)
}

/** @internal */
export const fineTuneRoutes: ReadonlyArray<Route> = [
  { method: "POST", pattern: "/api/v1/fine-tunes", serve: create },
  { method: "GET", pattern: "/api/v1/fine-tunes", serve: list },
  { method: "GET", pattern: "/api/v1/fine-tunes/outputs", serve: outputs },
  {
    method: "GET",
    pattern: "/api/v1/fine-tunes/outputs/{id}",
    serve: (incoming) => output(incoming, (job) => answer(incoming, described(job, job.progress.status)))
  },
  {
    method: "DELETE",
    pattern: "/api/v1/fine-tunes/outputs/{id}",
    serve: (incoming) =>
      output(incoming, ({ id }) => {
        jobs(incoming.state).delete(id)
        return answer(incoming, { status: "success" })
      })
  },
  {
    method: "GET",
    pattern: "/api/v1/fine-tunes/{id}",
    serve: (incoming) => found(incoming, (job) => answer(incoming, described(job, job.progress.look())))
  },
  { method: "DELETE", pattern: "/api/v1/fine-tunes/{id}", serve: remove },
  { method: "POST", pattern: "/api/v1/fine-tunes/{id}/cancel", serve: cancel },
  { method: "GET", pattern: "/api/v1/fine-tunes/{id}/logs", serve: logs },
  { method: "GET", pattern: "/api/v1/fine-tunes/{id}/stream", serve: stream }
]
