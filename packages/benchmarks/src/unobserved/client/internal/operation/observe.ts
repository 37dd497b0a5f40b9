/** In place of the package's module of this path: nothing of it is left but its shape. */
import type { Operation, Operations as Observed } from "../../../../../../client/src/internal/operation/observe.js"

const nothing: Pick<Operation, "received" | "arrived"> = { received: () => {}, arrived: () => {} }

export class Operations implements Pick<Observed, "call" | "stream"> {
  readonly call: Observed["call"] = (_, run) => run
  // The stream uses nothing else of it.
  readonly stream: Observed["stream"] = (_, run) => run(nothing as Operation)
}
