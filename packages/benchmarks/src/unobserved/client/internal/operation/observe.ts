/** In place of the package's module of this path: nothing of it is left but its shape. */
import * as Effect from "effect/Effect"
import * as Pull from "../../../../../../client/src/internal/effect/pull.js"
import type {
  Answer,
  Operation,
  Operations as Observed
} from "../../../../../../client/src/internal/operation/observe.js"

const nothing: Pick<Operation<never>, "received" | "arrived"> = { received: () => {}, arrived: () => {} }

export class Operations<P, A extends Answer> implements Pick<Observed<P, A>, "call" | "stream" | "pull"> {
  readonly call: Observed<P, A>["call"] = (_, run, read) => Effect.flatMap(run, read)
  // The stream uses nothing else of it.
  readonly stream: Observed<P, A>["stream"] = (_, run) => run(nothing as Operation<A>)
  readonly pull: Observed<P, A>["pull"] = (_, open) => Pull.stream(open(nothing as Operation<A>))
}
