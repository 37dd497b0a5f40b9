/** Layers as models of this provider. */
import * as AiModel from "@effect/ai/Model"
import type * as Layer from "effect/Layer"

/** A Layer by the model of this name, as the core's `Model`. */
export const make = <Provides, Requires>(
  _name: string,
  layer: Layer.Layer<Provides, never, Requires>
): AiModel.Model<"dashscope", Provides, Requires> => AiModel.make("dashscope", layer)
