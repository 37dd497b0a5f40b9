import { globalValue } from "effect/GlobalValue"
import type { HostGauges } from "../books/host.js"
import type { Origin } from "../config/proxy.js"
import * as Metrics from "./metrics.js"

/**
 * Metrics of the pool under the names, units and attributes of OpenTelemetry's semantic conventions for HTTP clients
 * ("Semantic conventions for HTTP metrics"). What the conventions have no name for is under `http.client.pool`.
 */

/** The boundaries that the conventions advise for durations in seconds, and longer ones for slow models. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300]

const openConnections = Metrics.counter(
  "http.client.open_connections",
  "Number of outbound HTTP connections that are currently active or idle on the client."
)

const connectionDuration = Metrics.histogram(
  "http.client.connection.duration",
  "The duration of the successfully established outbound HTTP connections.",
  seconds
)

const activeRequests = Metrics.counter("http.client.active_requests", "Number of active HTTP requests.")

const requestDuration = Metrics.histogram("http.client.request.duration", "Duration of HTTP client requests.", seconds)

const poolWait = Metrics.histogram(
  "http.client.pool.wait.duration",
  "How long requests waited for a permit and a connection.",
  seconds
)

const poolWaiting = Metrics.counter(
  "http.client.pool.waiting",
  "Number of requests that wait for a permit or a connection."
)

const poolRejections = Metrics.total(
  "http.client.pool.rejections",
  "Number of requests that got no connection, by reason."
)

/** OpenTelemetry's attribute for what has no attributes of its own, since there are too many. */
const overflow = { "otel.metric.overflow": "true" }

/** Kinds of requests, by method, status and error, that are told apart for one host. */
const mostKinds = 64

/**
 * Hosts that are told apart in a process. Effect's registry keeps each metric for good, and with its labels that is about
 * 8 KiB for each host.
 */
const mostHosts = 256

/** One host's metrics. @internal */
export class HostMetrics implements HostGauges {
  private readonly active: Metrics.Labels
  private readonly idle: Metrics.Labels
  private readonly requests: Metrics.Labels
  private readonly inSeconds: Metrics.Labels
  private readonly ofRequests = new Map<string, Metrics.Labels>()
  private readonly ofRejections = new Map<string, Metrics.Labels>()
  private otherRequests: Metrics.Labels | undefined = undefined

  /** Undefined for what all the hosts beyond the limit share. */
  constructor(private readonly origin: Origin | undefined) {
    this.active = this.labels("{connection}", { "http.connection.state": "active" })
    this.idle = this.labels("{connection}", { "http.connection.state": "idle" })
    this.requests = this.labels("{request}")
    this.inSeconds = this.labels("s")
  }

  addActive(delta: number): void {
    Metrics.update(openConnections, delta, this.active)
  }

  addIdle(delta: number): void {
    Metrics.update(openConnections, delta, this.idle)
  }

  addInFlight(delta: number): void {
    Metrics.update(activeRequests, delta, this.requests)
  }

  addWaiting(delta: number): void {
    Metrics.update(poolWaiting, delta, this.requests)
  }

  acquired(waitedMillis: number): void {
    Metrics.update(poolWait, waitedMillis / 1000, this.inSeconds)
  }

  rejected(reason: "timeout" | "exhausted" | "closed"): void {
    let labels = this.ofRejections.get(reason)
    if (labels === undefined) {
      labels = this.labels("{request}", { "error.type": reason })
      this.ofRejections.set(reason, labels)
    }
    Metrics.update(poolRejections, 1, labels)
  }

  connectionClosed(livedMillis: number): void {
    Metrics.update(connectionDuration, livedMillis / 1000, this.inSeconds)
  }

  /** `status` is 0 where no answer came, `errorType` undefined where all went well. */
  requestEnded(method: string, status: number, errorType: string | undefined, tookMillis: number): void {
    const key = errorType === undefined && status === 200 ? method : `${method} ${status} ${errorType}`
    Metrics.update(
      requestDuration,
      tookMillis / 1000,
      this.ofRequests.get(key) ?? this.addLabels(key, method, status, errorType)
    )
  }

  private addLabels(key: string, method: string, status: number, errorType: string | undefined): Metrics.Labels {
    // A server may think of any status.
    if (this.ofRequests.size >= mostKinds) return this.otherRequests ??= this.labels("s", overflow)
    const labels = this.labels("s", {
      "http.request.method": method,
      ...(status === 0 ? undefined : { "http.response.status_code": String(status) }),
      ...(errorType === undefined ? undefined : { "error.type": errorType })
    })
    this.ofRequests.set(key, labels)
    return labels
  }

  private labels(unit: string, more: Readonly<Record<string, string>> = {}): Metrics.Labels {
    const { origin } = this
    return Metrics.labelsOf({
      unit,
      ...(origin === undefined ? overflow : {
        "server.address": origin.hostname,
        "server.port": String(origin.port),
        "url.scheme": origin.protocol.slice(0, -1)
      }),
      ...more
    })
  }
}

const hosts = globalValue("effect-http-pool/HostMetrics/hosts", () => new Map<string, HostMetrics>())
const others = globalValue("effect-http-pool/HostMetrics/others", () => new HostMetrics(undefined))

/** The metrics of a host, the same for all pools of the process. @internal */
export const metricsOf = (name: string, origin: () => Origin): HostMetrics => {
  const found = hosts.get(name)
  if (found !== undefined) return found
  if (hosts.size >= mostHosts) return others
  const metrics = new HostMetrics(origin())
  hosts.set(name, metrics)
  return metrics
}
