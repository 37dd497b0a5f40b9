/** In place of the client's module of this name: nothing of it is left but its shape. */
import type { HostMetrics as Observed } from "../../../client/src/internal/poolMetrics.js"

export class HostMetrics implements Pick<Observed, keyof Observed> {
  addActive(): void {}
  addIdle(): void {}
  addInFlight(): void {}
  addWaiting(): void {}
  acquired(): void {}
  rejected(): void {}
  connectionClosed(): void {}
  requestEnded(): void {}
}
