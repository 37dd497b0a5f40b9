/**
 * Which models live on which of the two chat endpoints. A model that neither list knows is served on both.
 */

/** Natively multimodal chat models, vision, audio, omni, OCR, ASR, TTS and image models. */
const multimodalOnly: ReadonlyArray<RegExp> = [
  /^qwen3\.[5-7]-(?:plus|flash|omni|vl)/,
  /^qwen3\.(?:[89]|\d\d)-/,
  /^qwen(?:[4-9]|\d\d)(?:\.\d+)?-/,
  /^qwen(?:2|2\.5|3)?-(?:vl|audio|omni)/,
  /^(?:qvq|gui|qwen3?-livetranslate|wan2\.[6-9]|z-image|qwen-image|fun-asr-flash)/,
  /^qwen.*-(?:tts|asr|ocr)(?:-|$)/
]

/** Chat models of text alone. */
const textOnly: ReadonlyArray<RegExp> = [
  /^qwen-(?:max|plus|turbo|flash|long|mt|math|coder|doc|deep-research)/,
  /^qwen(?:1\.5|2|2\.5|3)-(?!vl|audio|omni|tts|asr|livetranslate)/,
  /^(?:qwq|qwen3-coder|deepseek|kimi|glm|llama|baichuan|chatglm|bailian)/
]

/** @internal */
export const isMultimodalOnly = (model: string): boolean => multimodalOnly.some((one) => one.test(model))

/** @internal */
export const isTextOnly = (model: string): boolean =>
  !isMultimodalOnly(model) && textOnly.some((one) => one.test(model))
