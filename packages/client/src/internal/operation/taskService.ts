/**
 * What services whose requests are tasks share, said once: the record of one, its verbs with uploads before a submission, and
 * its accessors.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import type { Media } from "../../Media.js"
import type { AwaitError, AwaitOptions, SubmitError, Task, TaskError, TaskService } from "../../TaskState.js"
import * as Codec from "../core/codec.js"
import { type Resolve, resolved } from "../upload/resolve.js"
import { type Client, post } from "./endpoint.js"
import type { Answer } from "./observe.js"
import type * as Params from "./params.js"
import * as Tasks from "./task.js"
import * as Models from "./taskModels.js"

/** `Upload.resolve` of the service. */
type ResolveStored = (
  media: Media,
  options: CallOptions & { readonly model: string; readonly inlineBelow: number }
) => Effect.Effect<string, DashScopeError>

/** What the parameters of every task have. */
interface TaskParams extends Params.Extra {
  readonly model: string
}

/** @internal */
export interface Definition<P extends TaskParams, A extends Answer, I> {
  readonly service: Models.TaskService
  readonly operation: string
  readonly fields: Params.Fields<P>
  /** What is wrong with the parameters, but for a model that another service has. */
  readonly problem: (params: P) => InputRequired | undefined
  /** Of the whole of the last answer. */
  readonly result: Schema.Schema<A, I>
}

/** A service's tasks, submitted where the table of models says. @internal */
export const endpoint = <P extends TaskParams, A extends Answer, I>(
  { fields, operation, problem, result, service }: Definition<P, A, I>
): Tasks.TaskEndpoint<P, A> => {
  const encode = post<P>(
    Models.paths[service],
    fields,
    (params) => Models.problemOf(params.model, service, "task") ?? problem(params)
  )
  return {
    service,
    operation,
    modelOf: ({ model }) => model,
    encode: (params) =>
      Either.map(encode(params), (request) => ({ ...request, path: Models.pathOf(params.model, service) })),
    decode: Codec.decoder(result)
  }
}

/** As a file of the storage, however small: a task fetches what it works on. @internal */
export const stored = (resolve: ResolveStored): Resolve => (media, options) =>
  resolve(media, { ...options, inlineBelow: 0 })

/** The verbs, with media uploaded before they are submitted. @internal */
export const make = <P, A extends Answer>(
  client: Client,
  resolve: Resolve,
  endpoint: Tasks.TaskEndpoint<P, A>
): TaskService<P, A> =>
  Tasks.make(client, {
    ...endpoint,
    prepare: (params, prepared) => resolved(prepared, endpoint.modelOf(params), resolve)
  })

/** @internal */
export const submit =
  <I, P>(tag: Effect.Effect<Pick<TaskService<P, unknown>, "submit">, never, I>) =>
  (params: P, options?: CallOptions): Effect.Effect<Task, SubmitError, I> =>
    Effect.flatMap(tag, (service) => service.submit(params, options))

const await_ =
  <I, A>(tag: Effect.Effect<Pick<TaskService<never, A>, "await">, never, I>) =>
  (task: Task, options?: AwaitOptions): Effect.Effect<A, AwaitError, I> =>
    Effect.flatMap(tag, (service) => service.await(task, options))

export {
  /** @internal */
  await_ as await
}

/** @internal */
export const call =
  <I, P, A>(tag: Effect.Effect<TaskService<P, A>, never, I>) =>
  (params: P, options?: AwaitOptions): Effect.Effect<A, DashScopeError | TaskError, I> =>
    Effect.flatMap(tag, (service) => service.call(params, options))
