import type { Behavior } from "../../Behavior.js"

/**
 * Whether a behaviour refuses what is asked for, and does not fail it later.
 *
 * @internal
 */
export const refusesAtOnce = ({ error, socket }: Behavior): boolean =>
  error !== undefined && socket?.failAfterEvents === undefined
