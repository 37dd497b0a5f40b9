/** Imports the modules that its arguments name, and says how many files that loaded, of ours and of others. */
import { register } from "node:module"
import { setTimeout as sleep } from "node:timers/promises"
import { MessageChannel } from "node:worker_threads"
import { linePrefix } from "../task.js"

const hooks = `
  let port
  export const initialize = (data) => { port = data.port }
  export const load = (url, context, next) => { port.postMessage(url); return next(url, context) }
`

const { port1, port2 } = new MessageChannel()
let ours = 0
let others = 0
port1.on("message", (url: string) => {
  if (!url.startsWith("file:")) return
  if (/\/node_modules\/(?:effect-dashscope|effect-http-pool)\/dist\//.test(url)) ours++
  else others++
})
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { port: port2 }, transferList: [port2] })

for (const specifier of process.argv.slice(2)) await import(specifier)
// They come from another thread.
for (let before = -1; before !== ours + others;) {
  before = ours + others
  await sleep(50)
}
console.log(`${linePrefix}result ${JSON.stringify({ units: 1, ours, others })}`)
process.exit(0)
