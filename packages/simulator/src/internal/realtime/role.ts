import type { JsonObject } from "../core/json.js"
import type { Refusal } from "./refusal.js"

/**
 * What is a family's own in a session.
 *
 * @internal
 */
export interface Role {
  /** Text or audio has come, so that what depends on the settings has begun. */
  readonly hasStarted: boolean
  readonly on: (type: string, message: JsonObject) => Refusal | "unknown" | undefined
  /** Nothing comes any more; what is still to be told is told. */
  readonly finish: () => void
}
