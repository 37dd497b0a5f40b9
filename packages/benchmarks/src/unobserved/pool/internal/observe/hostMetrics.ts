/** In place of the package's module of this path: nothing of it is left but its shape. */
import type { HostMetrics as Observed } from "../../../../../../pool/src/internal/observe/hostMetrics.js"

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

const metrics = new HostMetrics()

export const metricsOf = (): HostMetrics => metrics
