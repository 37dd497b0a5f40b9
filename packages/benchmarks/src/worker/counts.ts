/** What can be counted instead of timed: it is the same on a busy machine as on a quiet one. */
import { createHook } from "node:async_hooks"
import { PerformanceObserver } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import type { Numbers } from "../task.js"

/** How many resources of each kind Node makes while something runs. */
const resources = async (run: () => Promise<unknown>) => {
  const counts = { timers: 0, promises: 0, ticks: 0 }
  const hook = createHook({
    init: (_, type) => {
      if (type === "Timeout" || type === "Immediate") counts.timers++
      else if (type === "PROMISE") counts.promises++
      else if (type === "TickObject" || type === "Microtask") counts.ticks++
    }
  }).enable()
  await run()
  hook.disable()
  return counts
}

/** How many bytes of the heap something takes. It must fit into the young generation, where nothing is collected meanwhile. */
const allocated = async (run: () => Promise<unknown>): Promise<number> => {
  if (globalThis.gc === undefined) throw new Error("start with --expose-gc")
  const collections: Array<number> = []
  const observer = new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) collections.push(startTime)
  })
  observer.observe({ entryTypes: ["gc"] })
  globalThis.gc()
  await sleep(20)
  const started = performance.now()
  const before = process.memoryUsage().heapUsed
  await run()
  const after = process.memoryUsage().heapUsed
  // Entries come a turn later.
  await sleep(20)
  observer.disconnect()
  const late = collections.filter((at) => at >= started).length
  if (late > 0) throw new Error(`${late} collections while ${after - before} bytes were counted`)
  return after - before
}

/** What so many units take, after as many that have made what is made once. */
export const count = async (units: number, run: () => Promise<unknown>): Promise<Numbers> => {
  await run()
  const bytes = await allocated(run)
  const made = await resources(run)
  return { units, bytes, ...made }
}
