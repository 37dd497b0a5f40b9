/** What a schedule does, which follows from its seed alone. */
import { Duration, Schedule } from "effect"
import type { ProxySimulator, Simulator } from "effect-dashscope-simulator"
import type { Behavior } from "effect-dashscope-simulator"
import type * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import type * as DashScopeClient from "../../src/DashScopeClient.js"
import type * as Retry from "../../src/Retry.js"
import type { Random } from "./random.js"
import { randomOf } from "./random.js"
import type { RelayFaults } from "./relay.js"

/** Bytes of an answer before it breaks off: fewer than the shortest has. */
const someBytes = (random: Random) => random.integer(0, 120)

const faults = (random: Random): Behavior.Behavior =>
  random.pick<() => Behavior.Behavior>([
    ...Array.from({ length: 6 }, () => () => ({})),
    () => ({ latency: random.integer(0, 30) }),
    () => ({ fault: { _tag: "CloseBeforeHeaders" } }),
    () => ({ fault: { _tag: "ResetBeforeHeaders" } }),
    () => ({ fault: { _tag: "StallBeforeHeaders" } }),
    () => ({ fault: { _tag: "ResetAfterHeaders" } }),
    () => ({ fault: { _tag: "StallAfterHeaders" } }),
    () => ({ fault: { _tag: "ResetAfterBytes", bytes: someBytes(random) } }),
    () => ({ fault: { _tag: "StallAfterBytes", bytes: someBytes(random) } }),
    () => ({ fault: { _tag: "HalfBody" } }),
    () => ({ fault: { _tag: "OpenEndedBody" } }),
    () => ({ fault: { _tag: "ConnectionClose" } }),
    () => ({ fault: { _tag: "Informational" } }),
    () => ({ error: { status: random.pick([400, 401, 429, 500, 503]), padTo: random.pick([0, 70_000]) } }),
    () => ({ error: { status: random.pick([429, 503]), retryAfter: random.pick([0, 1]) } }),
    () => ({ error: { status: 500, padTo: 1_100_000, endless: "drip" } }),
    () => ({ error: { status: 500, endless: "open" } }),
    () => ({ gzip: true }),
    () => ({ keepAliveHint: random.integer(0, 3) }),
    () => ({ padAnswerTo: random.integer(1000, 200_000) })
  ])()

const streamFaults = (random: Random): Behavior.Behavior => {
  const after = random.integer(0, 6)
  return random.pick<() => Behavior.Behavior>([
    ...Array.from({ length: 4 }, () => () => faults(random)),
    ...Array.from({ length: 3 }, () => () => ({ stream: { events: 6, eventInterval: random.integer(0, 4) } })),
    () => ({ stream: { events: 20, commentsBetween: true, chunking: random.integer(1, 100) } }),
    () => ({ stream: { hugeEvent: 100_000 } }),
    () => ({ stream: { stallBeforeFirstEvent: true } }),
    () => ({ stream: { stallAfterEvents: after } }),
    () => ({ stream: { resetAfterEvents: after } }),
    () => ({ stream: { errorAfterEvents: after } }),
    () => ({ stream: { halfFrame: after } }),
    () => ({ stream: { undecodableEventAfter: after } }),
    () => ({ stream: { closeWithoutFinish: true } }),
    () => ({ stream: { jsonInsteadOfStream: true } }),
    () => ({ stream: { noFinalBlankLine: true } }),
    () => ({ stream: { doneSentinel: true }, gzip: true }),
    () => ({ stream: { heartbeatsOnly: 5 } }),
    () => ({ stream: { emptyDeltas: 5 } }),
    () => ({ error: { status: 429, asEvent: random.integer(0, 2) } })
  ])()
}

/** Who reads what never ends, and is never silent, has to know himself when to stop. */
const isEndless = ({ error, stream }: Behavior.Behavior): boolean =>
  error?.endless === "drip" || stream?.heartbeatsOnly !== undefined || stream?.emptyDeltas !== undefined

const ofPool = ["call", "stream", "take", "headersOnly", "brokenBody"] as const
const ofGeneration = ["generate", "collect", "drain", "slowly", "takeSome", "unread"] as const

export type How = typeof ofPool[number] | typeof ofGeneration[number]

export const isOfPool = (how: How): boolean => ofPool.some((one) => one === how)

/** What one caller of a schedule does. */
export interface Step {
  readonly after: number
  readonly host: number
  readonly behavior: Behavior.Behavior
  readonly how: How
  readonly options: DashScopeClient.CallOptions
  readonly incrementalOutput: boolean
  readonly interruptAfter: number | undefined
}

/** What lies between the pool and its servers. */
export type Network =
  | { readonly _tag: "direct" }
  | { readonly _tag: "relay"; readonly faults: RelayFaults }
  /** An HTTPS proxy, before HTTPS hosts. */
  | { readonly _tag: "proxy"; readonly fault: ProxySimulator.Fault | undefined }

export interface Plan {
  readonly config: ConnectionConfig.Input
  /** Whether the pool goes by the clock that counts, or by the one that it has in production. */
  readonly countsTimers: boolean
  /** Whether the services know of the pool beneath them, and leave to it what over any other client costs more. */
  readonly isPooled: boolean
  readonly network: Network
  /** Its first steps, one for each host, are done before the others begin, and leave their connections to them. */
  readonly warmsUp: boolean
  readonly simulator: Simulator.Options
  readonly retry: Retry.Policy
  readonly steps: ReadonlyArray<Step>
  /** When the pool closes, where it does not wait for the steps. */
  readonly closeAfter: number | undefined
}

const retryOf = (random: Random): Retry.Policy =>
  random.pick<() => Retry.Policy>([
    () => false,
    () => Schedule.intersect(Schedule.recurs(2), Schedule.spaced(Duration.millis(random.integer(1, 10)))),
    ...Array.from({ length: 6 }, () => () => ({
      maxRetries: random.integer(1, 3),
      baseDelay: Duration.millis(random.integer(1, 10)),
      maxDelay: "20 millis" as const,
      maxRetryAfter: "30 millis" as const,
      budget: random.pick([0, 0.1, 1, Infinity])
    }))
  ])()

export const mostAttempts = (retry: Retry.Policy): number =>
  retry === false ? 1 : Schedule.isSchedule(retry) ? 3 : 1 + retry.maxRetries!

const stepOf = (random: Random, hosts: number): Step => {
  const how = random.pick<How>(random.pick<ReadonlyArray<How>>([ofPool, ofGeneration]))
  const isStream = !isOfPool(how) && how !== "generate"
  const behavior = isStream ? streamFaults(random) : faults(random)
  const endless = isEndless(behavior)
  const sometimes = (probability: number) =>
    random.chance(probability) ? Duration.millis(random.integer(5, 60)) : undefined
  return {
    after: random.integer(0, 40),
    host: random.integer(0, hosts - 1),
    behavior,
    how,
    options: isOfPool(how) ? {} : {
      timeout: sometimes(endless ? 1 : 0.15),
      firstContentTimeout: sometimes(0.2),
      contentTimeout: isStream ? sometimes(0.2) : undefined,
      ...(random.chance(0.05) ? { retry: false } : {})
    },
    incrementalOutput: random.chance(0.7),
    interruptAfter: (endless && isOfPool(how)) || random.chance(0.2) ? random.integer(0, 40) : undefined
  }
}

const anyPlan = (random: Random, seed: number): Plan => {
  const connectionPoolSize = random.integer(1, random.pick([2, 8, 32]))
  const maximumAsyncRequests = random.integer(Math.max(1, connectionPoolSize - 3), connectionPoolSize)
  const hosts = random.integer(1, 3)
  // On a busy machine the shorter deadlines end almost everything.
  const longest = random.pick([60, 300, 600])
  return {
    config: {
      connectionPoolSize,
      maximumAsyncRequests,
      maximumAsyncRequestsPerHost: random.integer(1, maximumAsyncRequests),
      connectTimeout: Duration.millis(random.integer(20, longest)),
      readTimeout: Duration.millis(random.integer(20, longest)),
      writeTimeout: Duration.millis(60),
      connectionIdleTimeout: Duration.millis(random.pick([5, 1000])),
      acquireTimeout: random.chance(0.3) ? Duration.millis(random.integer(5, 60)) : undefined,
      maximumPendingRequests: random.chance(0.2) ? random.integer(0, 5) : undefined,
      connectionMaxLifetime: random.chance(0.3) ? Duration.millis(random.integer(5, 50)) : undefined,
      resendOnStaleConnection: random.chance(0.8),
      shutdownTimeout: Duration.millis(random.pick([0, 20]))
    },
    countsTimers: random.chance(0.7),
    isPooled: random.chance(0.6),
    network: { _tag: "direct" },
    warmsUp: false,
    simulator: {
      hosts,
      seed,
      tls: random.chance(0.03),
      connections: random.chance(0.5) ? {} : {
        resetOnAccept: random.pick([0, 0.2]),
        stallHandshake: random.pick([0, 0.2]),
        closeIdleAfter: random.pick([undefined, 3]),
        closeIdleRandomly: random.pick([0, 0.4])
      },
      ...(random.chance(0.1) ? { rateLimit: { requests: 4, perMillis: 20, retryAfter: random.chance(0.3) } } : {})
    },
    retry: retryOf(random),
    steps: Array.from({ length: random.integer(1, 15) }, () => stepOf(random, hosts)),
    closeAfter: random.chance(0.25) ? random.integer(0, 100) : undefined
  }
}

/** A handshake takes its time where many are made at once. */
const patient = { connectTimeout: "5 seconds", acquireTimeout: undefined, maximumPendingRequests: undefined } as const

/** However busy the machine is, connections are reused, and are stale when they are. */
const stale = (plan: Plan, random: Random): Plan => {
  const hosts = plan.simulator.hosts ?? 1
  const step = (host: number, behavior: Behavior.Behavior): Step => ({
    after: 0,
    host,
    behavior,
    how: "call",
    options: {},
    incrementalOutput: true,
    interruptAfter: undefined
  })
  const closes = (): Behavior.Behavior => ({
    fault: { _tag: random.pick(["CloseBeforeHeaders", "ResetBeforeHeaders"]) }
  })
  return {
    ...plan,
    config: {
      ...plan.config,
      ...patient,
      connectionPoolSize: hosts,
      maximumAsyncRequests: hosts,
      maximumAsyncRequestsPerHost: 1,
      readTimeout: "5 seconds",
      connectionIdleTimeout: "1 minute",
      connectionMaxLifetime: undefined,
      resendOnStaleConnection: true
    },
    warmsUp: true,
    simulator: { hosts, seed: plan.simulator.seed },
    steps: [
      ...Array.from({ length: hosts }, (_, host) => step(host, {})),
      ...Array.from({ length: hosts }, (_, host) => step(host, closes())),
      ...plan.steps.map(({ host }) => step(host, random.chance(0.5) ? {} : closes()))
    ],
    closeAfter: undefined
  }
}

/** Over TLS, through what breaks it in every state, with a connection for each request in half of the cases. */
const relayed = (plan: Plan, random: Random): Plan => {
  const hosts = plan.simulator.hosts ?? 1
  return {
    ...plan,
    config: {
      ...plan.config,
      ...patient,
      connectionMaxLifetime: random.chance(0.5) ? Duration.millis(1) : undefined
    },
    network: { _tag: "relay", faults: { refuseSessions: 0.5, reset: 0.4 } },
    simulator: { hosts, seed: plan.simulator.seed, tls: true },
    steps: [...plan.steps, ...Array.from({ length: 6 }, () => stepOf(random, hosts))],
    closeAfter: undefined
  }
}

const proxied = (plan: Plan, random: Random): Plan => {
  const fault = random.chance(0.2)
    ? random.pick<ProxySimulator.Fault>(["authenticate", "badGateway", "stall", "reset"])
    : undefined
  return {
    ...plan,
    config: { ...plan.config, ...patient, ...(fault === "stall" ? { connectTimeout: "50 millis" } : undefined) },
    network: { _tag: "proxy", fault },
    simulator: { hosts: plan.simulator.hosts, seed: plan.simulator.seed, tls: true }
  }
}

/** Of five schedules one is made for each of what chance alone would bring too seldom. */
export const planOf = (seed: number): Plan => {
  const random = randomOf(seed)
  const plan = anyPlan(random, seed)
  switch (seed % 5) {
    case 0:
      return stale(plan, random)
    case 1:
      return relayed(plan, random)
    case 2:
      return proxied(plan, random)
    default:
      return plan
  }
}
