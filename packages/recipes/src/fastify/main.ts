/** Fastify on port 3000 or `PORT`: `curl -N -H 'content-type: application/json' -d '{"prompt":"hello"}' localhost:3000/ask`. */
import { ConnectionConfig } from "effect-dashscope"
import { makeServer } from "./server.js"

const server = makeServer({ connection: ConnectionConfig.make({ connectionPoolSize: 64 }) })

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void server.close())
}

console.log(await server.listen({ port: Number(process.env["PORT"] ?? 3000) }))
