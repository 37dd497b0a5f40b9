/**
 * Whom the recipes ask when they are run by themselves: the simulator, started for the occasion, or the real service where
 * `DASHSCOPE_API_KEY` is set. A program of yours needs none of this.
 */
import { Config, ConfigProvider, Effect, Layer } from "effect"
import { Simulator } from "effect-dashscope-simulator"

const simulated = Layer.unwrapScoped(
  Effect.map(
    Simulator.make({ behavior: { stream: { eventInterval: 50 } } }),
    ({ url }) =>
      Layer.setConfigProvider(ConfigProvider.orElse(
        ConfigProvider.fromMap(new Map([["DASHSCOPE_API_KEY", "sk-simulator"], ["DASHSCOPE_HTTP_BASE_URL", url]])),
        () => ConfigProvider.fromEnv()
      ))
  )
)

const hasKey = Config.map(Config.withDefault(Config.string("DASHSCOPE_API_KEY"), ""), (key) => key.trim() !== "")

export const service = Layer.unwrapEffect(Effect.map(hasKey, (found) => found ? Layer.empty : simulated))
