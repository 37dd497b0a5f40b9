/** A route from `Request` to `Response`, asked once. */
import { ManagedRuntime } from "effect"
import { Layer } from "effect"
import { DashScope } from "effect-dashscope"
import { service } from "../internal/service.js"
import { makeRoute } from "./route.js"

const runtime = ManagedRuntime.make(Layer.provide(DashScope.layer(), service))
const route = makeRoute(() => runtime)

const response = await route(
  new Request("http://localhost/api/ask", { method: "POST", body: JSON.stringify({ prompt: "Why is the sky blue?" }) })
)
console.log(response.status, await response.text())
await runtime.dispose()
