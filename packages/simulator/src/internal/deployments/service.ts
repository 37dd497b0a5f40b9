/**
 * Deployments of models: `/deployments`. One is running once it was asked for; its event stream brings it there. Those of
 * models whose names contain `fail` fail.
 */
import { digest } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asNumber, asString } from "../core/json.js"
import type { Answer, Chunk } from "../server/answer.js"
import { failure, invalid, whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { pageOf, readPage } from "../server/page.js"
import { Progress } from "../server/progress.js"
import type { Route } from "../server/route.js"
import { jsonOf, notJson } from "../server/route.js"
import { part } from "../server/state.js"

type Status = "PENDING" | "RUNNING" | "FAILED"

interface Deployment {
  readonly id: string
  readonly model: string
  readonly capacity: number
  readonly created: number
  readonly modified: number
  readonly progress: Progress<Status>
}

const deployments = part(() => new Map<string, Deployment>())

const timeOf = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ")

const described = (deployment: Deployment, status: Status): JsonObject => ({
  deployed_model: deployment.id,
  gmt_create: timeOf(deployment.created),
  gmt_modified: timeOf(deployment.modified),
  status,
  model_name: deployment.model,
  base_model: deployment.model.replace(/-ft-.*$/, ""),
  base_capacity: 1,
  capacity: deployment.capacity,
  ready_capacity: status === "RUNNING" ? deployment.capacity : 0,
  workspace_id: "llm-simulator",
  charge_type: "post_paid"
})

const answer = (incoming: Incoming, output: JsonObject): Answer => whole({ request_id: incoming.requestId, output })

const capacityOf = (value: unknown): number | undefined => {
  const capacity = asNumber(value)
  return capacity !== undefined && Number.isInteger(capacity) && capacity > 0 ? capacity : undefined
}

const badCapacity = invalid("The capacity should be an integer from 1.")

const create = (incoming: Incoming): Answer => {
  const body = jsonOf(incoming)
  if (body === undefined) {
    return notJson
  }
  const model = asString(body.model_name) ?? ""
  const suffix = asString(body.suffix)
  const capacity = capacityOf(body.capacity)
  if (model === "") {
    return invalid("The model_name is missing.")
  }
  if (/^unknown/.test(model)) {
    return failure(404, "ModelNotFound", `Model not exist: ${JSON.stringify(model)}.`)
  }
  if (capacity === undefined) {
    return badCapacity
  }
  const id = suffix === undefined ? `${model}-${digest(model).slice(0, 4)}` : `${model}-${suffix}`
  const all = deployments(incoming.state)
  if (all.has(id)) {
    return failure(409, "Conflict", `Model instance ${id} already exists, please specify a suffix.`)
  }
  const deployment: Deployment = {
    id,
    model,
    capacity,
    created: incoming.now,
    modified: incoming.now,
    progress: new Progress<Status>(["PENDING", /fail/.test(model) ? "FAILED" : "RUNNING"])
  }
  all.set(id, deployment)
  return answer(incoming, described(deployment, deployment.progress.status))
}

const list = (incoming: Incoming): Answer => {
  const page = readPage(incoming.query)
  const all = [...deployments(incoming.state).values()].reverse()
  return answer(incoming, {
    page_no: page.number,
    page_size: page.size,
    total: all.length,
    deployments: pageOf(all, page).map((one) => described(one, one.progress.status))
  })
}

const found = (incoming: Incoming, serve: (deployment: Deployment) => Answer): Answer => {
  const deployment = deployments(incoming.state).get(incoming.params.id ?? "")
  return deployment === undefined ? failure(404, "NotFound", "Not found!") : serve(deployment)
}

const scale = (incoming: Incoming): Answer =>
  found(incoming, (deployment) => {
    const body = jsonOf(incoming)
    if (body === undefined) {
      return notJson
    }
    const capacity = capacityOf(body.capacity)
    if (capacity === undefined) {
      return badCapacity
    }
    const scaled = { ...deployment, capacity, modified: incoming.now }
    deployments(incoming.state).set(deployment.id, scaled)
    return answer(incoming, described(scaled, scaled.progress.status))
  })

const remove = (incoming: Incoming): Answer =>
  found(incoming, ({ id }) => {
    deployments(incoming.state).delete(id)
    return answer(incoming, { status: "success" })
  })

function* events(deployment: Deployment, requestId: string): Generator<Chunk> {
  const { id, progress } = deployment
  const event = (status: Status, message: string, finishes: boolean): Chunk => ({
    value: { output: { deployed_model: id, status, message }, request_id: requestId },
    finishes
  })
  yield event("PENDING", `${id}: resources are being prepared`, false)
  progress.end()
  yield event(progress.status, `${id}: the deployment is ${progress.status === "RUNNING" ? "running" : "over"}`, true)
}

const stream = (incoming: Incoming): Answer =>
  found(incoming, (deployment) => ({
    _tag: "Success",
    streamed: true,
    whole: () => ({ request_id: incoming.requestId }),
    chunks: () => events(deployment, incoming.requestId)
  }))

/** @internal */
export const deploymentRoutes: ReadonlyArray<Route> = [
  { method: "POST", pattern: "/api/v1/deployments", serve: create },
  { method: "GET", pattern: "/api/v1/deployments", serve: list },
  {
    method: "GET",
    pattern: "/api/v1/deployments/{id}",
    serve: (incoming) => found(incoming, (one) => answer(incoming, described(one, one.progress.look())))
  },
  { method: "DELETE", pattern: "/api/v1/deployments/{id}", serve: remove },
  { method: "PUT", pattern: "/api/v1/deployments/{id}/scale", serve: scale },
  { method: "GET", pattern: "/api/v1/deployments/{id}/stream", serve: stream }
]
