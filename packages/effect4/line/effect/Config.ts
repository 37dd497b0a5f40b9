/** What Effect 3's Config has and Effect 4's does not, with the signatures of Effect 3. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"

export const mapOrFail = <A, B>(
  config: Config.Config<A>,
  f: (value: A) => Result.Result<B, Config.ConfigError>
): Config.Config<B> => Config.mapEffect(config, (value) => Effect.fromResult(f(value)))

export const zipWith = <A, B, C>(
  left: Config.Config<A>,
  right: Config.Config<B>,
  f: (left: A, right: B) => C
): Config.Config<C> => Config.map(Config.all([left, right]), ([a, b]) => f(a, b))
