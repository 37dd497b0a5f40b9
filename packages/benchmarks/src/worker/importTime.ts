/** Imports the modules that its arguments name, and says how long that took. */
import { linePrefix } from "../task.js"

const cpuBefore = process.cpuUsage()
const before = performance.now()
for (const specifier of process.argv.slice(2)) await import(specifier)
const wallMicros = (performance.now() - before) * 1000
const { system, user } = process.cpuUsage(cpuBefore)

console.log(`${linePrefix}result ${JSON.stringify({ units: 1, wallMicros, cpuMicros: system + user })}`)
process.exit(0)
