/** `service.ts` for programs without Effect. */
import { Effect, Exit, Scope } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import type { DashScopeOptions } from "effect-dashscope/Promise"

export interface Service {
  readonly name: string
  readonly options: DashScopeOptions
  readonly close: () => Promise<void>
}

/** The simulator, started for the occasion, or the real service where `DASHSCOPE_API_KEY` is set. */
export const service = async (): Promise<Service> => {
  if ((process.env["DASHSCOPE_API_KEY"] ?? "").trim() !== "") {
    return { name: "the DashScope service", options: {}, close: () => Promise.resolve() }
  }
  const scope = Effect.runSync(Scope.make())
  const { url } = await Effect.runPromise(Scope.extend(Simulator.make({ apiKeys: ["sk-simulator"] }), scope))
  return {
    name: "the simulator (set DASHSCOPE_API_KEY to ask the real service)",
    options: { apiKey: "sk-simulator", endpoint: url },
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
