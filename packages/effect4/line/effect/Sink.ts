/** What Effect 3's Sink has and Effect 4's does not, with the signatures of Effect 3. */
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as Sink from "effect/Sink"

export const foldLeft = <S, In>(initial: S, f: (state: S, input: In) => S): Sink.Sink<S, In, In> =>
  Sink.fold<S, In>(() => initial, constTrue, (state, input) => Effect.succeed(f(state, input)))
