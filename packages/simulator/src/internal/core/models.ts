/**
 * Which models live on which path, by their names. A model that no list knows is served wherever it is asked for.
 */

/** @internal */
export type Kind =
  | "text"
  | "multimodal"
  | "text-embedding"
  | "batch-embedding"
  | "multimodal-embedding"
  | "rerank"
  | "speech-synthesis"
  | "voices"
  | "vocabulary"
  | "understanding"
  | "code"
  | "image"
  | "image-edit"
  | "image-style"
  | "video"
  | "image-to-video"
  | "transcription"
  | "recognition"
  | "realtime"

/** The first that fits decides. */
const kinds: ReadonlyArray<readonly [RegExp, Kind]> = [
  [/^(?:paraformer|fun-asr)-(?:\w+-)*realtime|^qwen-audio-[\d.]+-asr-flash-streaming|^gummy-/, "recognition"],
  [/-realtime(?:-|$)/, "realtime"],
  [/^text-embedding-async-/, "batch-embedding"],
  [/^(?:text-embedding-v|qwen[\d.]*-text-embedding)/, "text-embedding"],
  [/^(?:multimodal-embedding|tongyi-embedding-vision|qwen[\d.]*-vl-embedding)/, "multimodal-embedding"],
  [/rerank/, "rerank"],
  [/^(?:voice-enrollment|qwen-voice-(?:enrollment|design))$/, "voices"],
  [/^speech-biasing$/, "vocabulary"],
  [/^(?:cosyvoice-|qwen-audio-[\d.]+-tts)/, "speech-synthesis"],
  [/imageedit|^wan2\.5-i2i|^qwen-mt-image/, "image-edit"],
  [/^wanx-style-/, "image-style"],
  [/kf2v|-s2v|-animate/, "image-to-video"],
  [/^wanx?[\d.-][\w.-]*(?:t2v|i2v|r2v|vace|video)/, "video"],
  [/^wan(?:x[\w.-]*|2\.[0-5][\w.-]*)t2i|^wanx-v1$|^flux|^stable-diffusion/, "image"],
  [/-filetrans|^paraformer|^fun-asr(?!-flash)|^sensevoice/, "transcription"],
  [/^opennlu-/, "understanding"],
  [/^tongyi-lingma-/, "code"],
  [/^qwen3\.[5-7]-(?:plus|flash|omni|vl)/, "multimodal"],
  [/^qwen3\.(?:[89]|\d\d)-/, "multimodal"],
  [/^qwen(?:[4-9]|\d\d)(?:\.\d+)?-/, "multimodal"],
  [/^qwen(?:2|2\.5|3)?-(?:vl|audio|omni)/, "multimodal"],
  [/^(?:qvq|gui|qwen3?-livetranslate|wan2\.[6-9]|z-image|qwen-image|fun-asr-flash)/, "multimodal"],
  [/^qwen.*-(?:tts|asr|ocr)(?:-|$)/, "multimodal"],
  [/^qwen-(?:max|plus|turbo|flash|long|mt|math|coder|doc|deep-research)/, "text"],
  [/^qwen(?:1\.5|2|2\.5|3)-/, "text"],
  [/^(?:qwq|deepseek|kimi|glm|llama|baichuan|chatglm|bailian)/, "text"]
]

/** @internal */
export const kindOf = (model: string): Kind | undefined => kinds.find(([name]) => name.test(model))?.[1]

/**
 * Whether a path for models of this kind serves the model.
 *
 * @internal
 */
export const isServedAs = (model: string, kind: Kind): boolean => {
  const own = kindOf(model)
  return own === undefined || own === kind
}
