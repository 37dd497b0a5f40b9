/** What a schedule of speech does, which follows from its seed alone. */
import { Duration } from "effect"
import type { Behavior, Simulator } from "effect-dashscope-simulator"
import type * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import type * as Retry from "../../src/Retry.js"
import type * as SpeechSynthesizer from "../../src/SpeechSynthesizer.js"
import type { Random } from "./random.js"
import { randomOf } from "./random.js"

/** What is said; each sounds different. */
export const sayings: ReadonlyArray<ReadonlyArray<string>> = [
  ["一。"],
  ["Good ", "morning. ", "How are you?"],
  ["三三三。四四四。", "五"],
  ["No end of a sentence"],
  ["六。", "七。", "八。", "九。", "十。"]
]

/** Every fault of the simulator's, and as often none. */
const faults = (random: Random): Behavior.Behavior => {
  const after = random.integer(0, 8)
  const socket = (behavior: Behavior.SocketBehavior): Behavior.Behavior => ({ socket: behavior })
  return random.pick<() => Behavior.Behavior>([
    ...Array.from({ length: 8 }, () => () => ({})),
    () => ({ latency: random.integer(0, 30) }),
    () => ({ ...socket({ failAfterEvents: after }), error: { status: random.pick([400, 429, 500]) } }),
    () => ({ error: { status: random.pick([400, 429, 503]) } }),
    () => socket({ closeAfterEvents: after, closeCode: random.pick([1000, 1007, 1011]), closeReason: "no more" }),
    () => socket({ endAfterEvents: after }),
    () => socket({ resetAfterEvents: after }),
    () => socket({ stallAfterEvents: after }),
    () => socket({ eventInterval: random.integer(0, 5) }),
    () => socket({ binaryInsteadOfText: after }),
    () => socket({ textInsteadOfBinary: random.integer(0, 2) }),
    () => socket({ undecodableAfter: after }),
    () => socket({ giantFrame: random.pick([100_000, 17_000_000]) }),
    () => socket({ closeInsteadOfReuse: random.pick(["close", "end", "reset"]) }),
    () => socket({ audioBytes: random.integer(0, 600_000), frameBytes: random.integer(100, 20_000) }),
    () => socket({ frameBytes: random.integer(100, 20_000) }),
    () => socket({ pingInterval: 1, eventInterval: 3 })
  ])()
}

/** Whether what is heard is what was said. */
export const isSound = ({ socket = {} }: Behavior.Behavior): boolean =>
  socket.audioBytes === undefined && socket.binaryInsteadOfText === undefined &&
  socket.textInsteadOfBinary === undefined

const realtimeHows = ["sessionSpeaks", "sessionHears", "sessionTalks", "sessionIsLeft"] as const

export type RealtimeHow = typeof realtimeHows[number]

/** Two of three are tasks or calls. */
const hows = [
  "synthesize",
  "stream",
  "slowly",
  "takeSome",
  "unread",
  "answer",
  "brokenText",
  "call",
  ...realtimeHows
] as const

export const isRealtime = (how: Step["how"]): how is RealtimeHow => realtimeHows.some((one) => one === how)

export interface Step {
  readonly after: number
  readonly how: typeof hows[number]
  readonly behavior: Behavior.Behavior
  readonly saying: number
  readonly options: SpeechSynthesizer.AnswerOptions
  readonly interruptAfter: number | undefined
}

export interface Plan {
  readonly config: ConnectionConfig.Input
  readonly simulator: Simulator.Options
  readonly retry: Retry.Policy
  readonly steps: ReadonlyArray<Step>
  /** When the pool closes, where it does not wait for the steps. */
  readonly closeAfter: number | undefined
}

const stepOf = (random: Random): Step => {
  const how = random.pick(hows)
  const sometimes = (probability: number) =>
    random.chance(probability) ? Duration.millis(random.integer(5, 80)) : undefined
  return {
    after: random.integer(0, 60),
    how,
    behavior: faults(random),
    saying: random.integer(0, sayings.length - 1),
    options: {
      // Its text does not end.
      timeout: sometimes(how === "takeSome" ? 1 : 0.1),
      firstContentTimeout: sometimes(0.15),
      contentTimeout: sometimes(0.15),
      cut: random.pick(["none", "sentences"])
    },
    interruptAfter: random.chance(0.2) ? random.integer(0, 60) : undefined
  }
}

const anyPlan = (random: Random, seed: number): Plan => {
  const connectionPoolSize = random.integer(1, random.pick([2, 8]))
  const longest = random.pick([200, 1500])
  return {
    config: {
      connectionPoolSize,
      maximumAsyncRequests: random.integer(1, connectionPoolSize),
      connectTimeout: Duration.millis(random.integer(60, longest)),
      readTimeout: Duration.millis(random.integer(60, longest)),
      writeTimeout: Duration.millis(random.integer(60, longest)),
      connectionIdleTimeout: Duration.millis(random.pick([5, 1000])),
      acquireTimeout: random.chance(0.3) ? Duration.millis(random.integer(20, 200)) : undefined,
      maximumPendingRequests: random.chance(0.2) ? random.integer(0, 5) : undefined,
      connectionMaxLifetime: random.chance(0.2) ? Duration.millis(random.integer(5, 50)) : undefined,
      shutdownTimeout: Duration.millis(random.pick([0, 20]))
    },
    simulator: {
      seed,
      record: 0,
      sockets: { idleTimeout: random.pick([3, 60_000]), inputTimeout: random.pick([40, 23_000]) },
      connections: random.chance(0.7) ? {} : {
        resetOnAccept: random.pick([0, 0.2]),
        stallHandshake: random.pick([0, 0.2]),
        closeIdleRandomly: random.pick([0, 0.4])
      }
    },
    retry: random.pick<() => Retry.Policy>([
      () => false,
      () => ({
        maxRetries: random.integer(1, 2),
        baseDelay: "1 millis",
        maxDelay: "10 millis",
        maxRetryAfter: "10 millis"
      })
    ])(),
    steps: Array.from({ length: random.integer(1, 14) }, () => stepOf(random)),
    closeAfter: random.chance(0.2) ? random.integer(0, 120) : undefined
  }
}

/** However busy the machine is, tasks come to their ends, and connections are used again, or are stale when they are. */
const patient = (plan: Plan): Plan => ({
  ...plan,
  config: {
    connectionPoolSize: plan.config.connectionPoolSize,
    maximumAsyncRequests: plan.config.maximumAsyncRequests,
    connectTimeout: "10 seconds",
    readTimeout: "1500 millis",
    writeTimeout: "10 seconds",
    shutdownTimeout: "0 seconds"
  },
  simulator: { seed: plan.simulator.seed, record: 0 },
  steps: plan.steps.map((step) => ({
    ...step,
    options: step.how === "takeSome" ? step.options : { cut: step.options.cut },
    interruptAfter: undefined
  })),
  closeAfter: undefined
})

/** Of two schedules one is patient. */
export const planOf = (seed: number): Plan => {
  const plan = anyPlan(randomOf(seed), seed)
  return seed % 2 === 0 ? patient(plan) : plan
}
