import { writeFile } from "node:fs/promises"
import { Session } from "node:inspector/promises"
import { setTimeout as sleep } from "node:timers/promises"
import type { Numbers, Task } from "../task.js"
import type { Client } from "./client.js"
import { count } from "./counts.js"
import { tell } from "./link.js"
import { isSettled } from "./settled.js"

/** Runs what is measured, and nothing else, between the harness's two looks at the server. */
const inWindow = async (task: Task, run: () => Promise<Numbers>): Promise<Numbers> => {
  const session = task.profile === undefined ? undefined : new Session()
  await tell("begin")
  if (session !== undefined) {
    session.connect()
    await session.post("Profiler.enable")
    await session.post("Profiler.setSamplingInterval", { interval: 200 })
    await session.post("Profiler.start")
  }
  const cpuBefore = process.cpuUsage()
  const before = performance.now()
  const numbers = await run()
  const wallMicros = (performance.now() - before) * 1000
  const { system, user } = process.cpuUsage(cpuBefore)
  if (session !== undefined && task.profile !== undefined) {
    const { profile } = await session.post("Profiler.stop")
    await writeFile(task.profile, JSON.stringify(profile))
  }
  await tell("end")
  return { ...numbers, cpuMicros: user + system, wallMicros }
}

const elapsedSince = (start: number) => performance.now() - start

interface WarmUp {
  /** Units per millisecond at the end. */
  readonly rate: number
  /** Whether the cost no longer fell. */
  readonly settled: boolean
}

/**
 * Runs batches until their cost no longer falls, or patience ends. The compiler needs a second or more for code as large
 * as some clients are, and a client must not be charged for being measured too early.
 */
const warmUp = async (
  task: Pick<Task, "batchMillis" | "patienceMillis">,
  first: number,
  batch: (units: number) => Promise<number>,
  /** Done before each batch, and not counted. */
  between: () => Promise<unknown> = () => Promise.resolve()
): Promise<WarmUp> => {
  const started = performance.now()
  const costs: Array<number> = []
  let units = first
  for (;;) {
    await between()
    const cpuBefore = process.cpuUsage()
    const start = performance.now()
    const done = await batch(units)
    const rate = done / elapsedSince(start)
    const { system, user } = process.cpuUsage(cpuBefore)
    costs.push((user + system) / done)
    const settled = isSettled(costs)
    if (settled || elapsedSince(started) >= task.patienceMillis) return { rate, settled }
    units = Math.ceil(rate * task.batchMillis)
  }
}

const calls = async (client: Client, task: Task): Promise<Numbers> => {
  const { inFlight } = task
  const { rate, settled } = await warmUp(task, inFlight, async (wanted) => {
    const count = Math.max(wanted, 2 * inFlight)
    await client.calls(count, inFlight)
    return count
  })
  // The start of so many loops is a part of it, and should be a small one.
  const count = Math.max(Math.ceil(rate * task.windowMillis), 5 * inFlight)
  return inWindow(task, async () => {
    await client.calls(count, inFlight)
    return { units: count, settled: Number(settled) }
  })
}

/** How many of each other kind run between two batches of a mixed process. */
const share = { calls: 2000, streams: 4 }

/**
 * Calls in a process that also streams, sends headers of its own, and has deadlines of its own, all in turn: V8 has seen
 * more than one kind of everything. Only the plain calls count.
 */
const mixed = async (client: Client, task: Task): Promise<Numbers> => {
  const { inFlight } = task
  const others = async () => {
    for (const particular of client.particular ?? []) await particular(Math.min(share.calls, 100 * inFlight), inFlight)
    for (let i = 0; i < share.streams; i++) await readStream(client, task)
  }
  const { rate, settled } = await warmUp(task, inFlight, async (wanted) => {
    const count = Math.max(wanted, 2 * inFlight)
    await client.calls(count, inFlight)
    return count
  }, others)
  const count = Math.max(Math.ceil(rate * task.windowMillis), 5 * inFlight)
  return inWindow(task, async () => {
    await client.calls(count, inFlight)
    return { units: count, settled: Number(settled) }
  })
}

/** As many calls as a short program makes, or a server before it is warm. */
const coldCalls = 1000

const cold = (client: Client, task: Task): Promise<Numbers> =>
  inWindow(task, async () => {
    await client.calls(coldCalls, task.inFlight)
    return { units: coldCalls }
  })

const layer = (client: Client, task: Task): Promise<Numbers> =>
  inWindow(task, async () => {
    await client.build?.()
    return { units: 1 }
  })

/** All they allocate has room in the young generation. */
const countedCalls = 400

/** Of a stream where the task has events, else of calls. */
const counts = (client: Client, task: Task): Promise<Numbers> =>
  task.events > 0
    ? count(task.events, () => readStream(client, task))
    : count(countedCalls, () => client.calls(countedCalls, task.inFlight))

/** Reads one stream, checks that all of it came, and gives the time to its first event. */
const readStream = async (client: Client, task: Task): Promise<number> => {
  const start = performance.now()
  let firstMillis = 0
  let events = 0
  let characters = 0
  await client.stream((text) => {
    if (events === 0) firstMillis = elapsedSince(start)
    events++
    characters += text.length
  })
  if (events !== task.events || characters !== task.characters) {
    throw new Error(`${events} events with ${characters} characters came, not ${task.events} with ${task.characters}`)
  }
  return firstMillis
}

/** At least once, then for as long as it says. */
const streamsFor = async (client: Client, task: Task, millis: number): Promise<Array<number>> => {
  const started = performance.now()
  const firsts: Array<number> = []
  do firsts.push(await readStream(client, task))
  while (elapsedSince(started) < millis)
  return firsts
}

const warmUpStreams = (client: Client, task: Task): Promise<WarmUp> =>
  warmUp(task, task.events, async () => {
    const firsts = await streamsFor(client, task, task.batchMillis)
    return firsts.length * task.events
  })

const stream = async (client: Client, task: Task): Promise<Numbers> => {
  const { settled } = await warmUpStreams(client, task)
  return inWindow(task, async () => {
    const firsts = await streamsFor(client, task, task.windowMillis)
    return { units: firsts.length * task.events, settled: Number(settled) }
  })
}

const firstEvent = async (client: Client, task: Task): Promise<Numbers> => {
  const { settled } = await warmUpStreams(client, task)
  return inWindow(task, async () => {
    const firsts = (await streamsFor(client, task, task.windowMillis)).sort((a, b) => a - b)
    const firstMillis = firsts[Math.floor(firsts.length / 2)] ?? Number.NaN
    return { units: firsts.length * task.events, firstMillis, settled: Number(settled) }
  })
}

/** The heap in use after a full collection. Finalizers run between, and free more. */
const heap = async (): Promise<number> => {
  if (globalThis.gc === undefined) throw new Error("start with --expose-gc")
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await sleep(20)
  }
  return process.memoryUsage().heapUsed
}

/** Holds answers back, makes the calls, weighs the heap, lets them go. */
const held = async (client: Client, inFlight: number, reaching: number): Promise<number> => {
  await tell("hold")
  const done = client.calls(inFlight, inFlight)
  await tell(`held ${reaching}`)
  // The others have come as far as they can.
  await sleep(200)
  const during = await heap()
  await tell("release")
  await done
  return during
}

const heldHeap = async (client: Client, inFlight: number, reaching: number): Promise<number> => {
  const before = await heap()
  return await held(client, inFlight, reaching) - before
}

const heapInFlight = async (client: Client, task: Task): Promise<Numbers> => {
  await client.calls(500, 10)
  return inWindow(task, async () => {
    const withConnections = await heldHeap(client, task.inFlight, task.inFlight)
    const overConnections = await heldHeap(client, task.inFlight, task.inFlight)
    return { units: task.inFlight, withConnections, overConnections }
  })
}

const heapWaiting = async (client: Client, task: Task): Promise<Numbers> => {
  await client.calls(500, task.connections)
  return inWindow(task, async () => ({
    units: task.inFlight - task.connections,
    waiting: await heldHeap(client, task.inFlight, task.connections)
  }))
}

/**
 * What is left of answers after minor collections, where all that waited for them is old: dead as it is, it keeps alive what it leads
 * to. Of what is old nothing is freed meanwhile, so the rest is new.
 */
const answersKept = async (client: Client, task: Task): Promise<Numbers> => {
  await client.calls(500, 10)
  await held(client, task.inFlight, task.inFlight)
  return inWindow(task, async () => {
    const before = await held(client, task.inFlight, task.inFlight)
    for (let i = 0; i < 2; i++) globalThis.gc?.({ type: "minor" })
    return { units: task.inFlight, kept: process.memoryUsage().heapUsed - before }
  })
}

const retained = async (client: Client, task: Task): Promise<Numbers> => {
  // Compiled code is on the heap too.
  await streamsFor(client, task, task.patienceMillis)
  return inWindow(task, async () => {
    const before = await heap()
    await readStream(client, task)
    return { units: task.events, retained: await heap() - before }
  })
}

export const measure = (client: Client, task: Task): Promise<Numbers> => {
  switch (task.kind) {
    case "calls":
      return calls(client, task)
    case "mixed":
      return mixed(client, task)
    case "cold":
      return cold(client, task)
    case "counts":
      return counts(client, task)
    case "layer":
      return layer(client, task)
    case "stream":
      return stream(client, task)
    case "first-event":
      return firstEvent(client, task)
    case "heap-in-flight":
      return heapInFlight(client, task)
    case "heap-waiting":
      return heapWaiting(client, task)
    case "answers-kept":
      return answersKept(client, task)
    case "retained":
      return retained(client, task)
  }
}
