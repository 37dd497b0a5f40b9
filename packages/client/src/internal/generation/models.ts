/**
 * Names of models that answer on the multimodal path and not on the text path, for any request: the service
 * refuses the text path with "url error". Only families of which that is certain; any other name goes to the service.
 *
 * Source: "DashScope chat" and "Error messages" on the choice of the path.
 *
 * @internal
 */
const families: ReadonlyArray<RegExp> = [
  // The newer models see by nature.
  /^qwen3\.[5-7]-(?:plus|flash|omni|vl)(?:-|$)/,
  /^qwen3\.(?:[89]|\d\d)-(?:max|plus|flash|omni|vl)(?:-|$)/,
  // What sees, hears, or speaks.
  /^(?:qwen(?:2|2\.5|3)?-(?:vl|omni|audio)|qvq)-/,
  /^qwen\d?-(?:tts|asr)(?:-|$)/,
  /^qwen-image(?:-|$)/
]

const known = new Map<string, boolean>()
const mostKnown = 1000

/** @internal Whether a model is certain to answer on the multimodal path only. */
export const multimodalOnly = (model: string): boolean => {
  let is = known.get(model)
  if (is === undefined) {
    const name = model.toLowerCase()
    is = families.some((family) => family.test(name))
    if (known.size < mostKnown) known.set(model, is)
  }
  return is
}
