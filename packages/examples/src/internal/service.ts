/**
 * Whom the examples ask: the simulator, started for the occasion, or the real service where `DASHSCOPE_API_KEY` is set.
 *
 * The simulator's key and address are given as configuration, under the names in which a program of yours would have
 * them in its environment. So an example builds its Layers as if there were no simulator.
 */
import { Config, ConfigProvider, Context, Effect, Layer } from "effect"
import { Simulator } from "effect-dashscope-simulator"

export class Service extends Context.Tag("examples/Service")<Service, {
  readonly name: string
  /** To ask the server what it saw; `undefined` where the real service answers. */
  readonly simulator: Simulator.Service | undefined
}>() {}

const real = Layer.succeed(Service, { name: "the DashScope service", simulator: undefined })

/** The simulator, whether or not there is a key: for examples that need one who misbehaves on demand. */
export const simulated = (options: Simulator.Options = {}) =>
  Layer.unwrapScoped(Effect.map(Simulator.make(options), (simulator) => {
    const variables = ConfigProvider.fromJson({
      DASHSCOPE_API_KEY: "sk-simulator",
      DASHSCOPE_HTTP_BASE_URL: simulator.url
    })
    return Layer.merge(
      Layer.succeed(Service, { name: "the simulator (set DASHSCOPE_API_KEY to ask the real service)", simulator }),
      Layer.setConfigProvider(ConfigProvider.orElse(variables, () => ConfigProvider.fromEnv()))
    )
  }))

const hasKey = Config.map(Config.withDefault(Config.string("DASHSCOPE_API_KEY"), ""), (key) => key.trim() !== "")

/** The real service where there is a key, else the simulator. */
export const layer = (options: Simulator.Options = {}) =>
  Layer.unwrapEffect(Effect.map(hasKey, (found) => found ? real : simulated(options)))
