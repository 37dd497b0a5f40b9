/** One client, one measure, one process. */
import type { Numbers, Task } from "../task.js"
import { giveResult } from "./link.js"
import { measure } from "./measure.js"
import { starts } from "./registry.js"

const main = async (task: Task): Promise<Numbers> => {
  const load = starts[task.client]
  if (load === undefined) throw new Error(`no client is called ${task.client}`)
  const start = await load()
  return measure(await start(task), task)
}

const task = JSON.parse(process.argv[2] ?? "{}") as Task // written by the harness

main(task).then(giveResult).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  }
)
