/** Images from messages: at once, as a stream, and as a task. */
import { ImageGeneration } from "effect-dashscope"
import * as Stream from "effect/Stream"
import type { Json, ServiceCase } from "./case.js"
import { key } from "./case.js"

const prompt = "A flower shop with exquisite windows"
const picture = "https://example.com/shop.png"
const parameters = { n: 1, size: "1280*1280", seed: 7, watermark: false }
const drawn = { model: "wan2.6-t2i", ...parameters }
const edited = { model: "wan2.6-image", n: 2 }
const story = { model: "wan2.6-image", n: 1 }

const message = (...content: ReadonlyArray<{ readonly [name: string]: Json }>) => [{ role: "user", content }]

const python = (name: string, fields: { readonly [name: string]: Json }) => ({
  python: { call: `aigc.image_generation.ImageGeneration.${name}`, arguments: fields },
  pythonAsync: `aigc.image_generation.AioImageGeneration.${name}`
})

const javaName = "aigc.imagegeneration.ImageGeneration"

const java = (name: string, content: ReadonlyArray<{ readonly [name: string]: Json }>, fields: object) => ({
  call: `${javaName}.${name}`,
  arguments: [{
    $: `${javaName}Param`,
    apiKey: key,
    messages: [{ $: `${javaName}Message`, role: "user", content }],
    ...fields
  }]
})

const image = ["output.choices.0.message.content.0.image", "usage.image_count"]

export const imageGeneration: ReadonlyArray<ServiceCase> = [
  {
    name: "draw",
    ours: (options) =>
      ImageGeneration.call({ ...drawn, prompt, negativePrompt: "people", promptExtend: false }, options),
    gives: image,
    ...python("call", {
      ...drawn,
      messages: message({ text: prompt }),
      negative_prompt: "people",
      prompt_extend: false
    }),
    client: {
      call: "images.generate",
      arguments: { ...drawn, prompt, negative_prompt: "people", prompt_extend: false },
      gives: ["results.0.url", "usage.image_count"]
    },
    java: java("call", [{ text: prompt }], { ...drawn, negativePrompt: "people", promptExtend: false }),
    callbacks: true
  },
  {
    name: "draw-edit",
    ours: (options) => ImageGeneration.call({ ...edited, prompt, images: [picture] }, options),
    gives: image,
    ...python("call", { ...edited, messages: message({ image: picture }, { text: prompt }) }),
    java: java("call", [{ image: picture }, { text: prompt }], edited)
  },
  {
    name: "draw-stream",
    stream: true,
    ours: (options) =>
      Stream.runDrain(ImageGeneration.stream({ ...story, prompt, enableInterleave: true, maxImages: 3 }, options)),
    gives: ["output.choices.0.message.content.0.image", "output.choices.0.message.content.0.text"],
    ...python("call", {
      ...story,
      messages: message({ text: prompt }),
      stream: true,
      enable_interleave: true,
      max_images: 3
    }),
    java: java("streamCall", [{ text: prompt }], { ...story, stream: true, enableInterleave: true, maxImages: 3 })
  },
  {
    name: "draw-submit",
    ours: (options) => ImageGeneration.submit({ ...drawn, prompt }, options),
    gives: ["output.task_id", "output.task_status"],
    ...python("async_call", { ...drawn, messages: message({ text: prompt }) }),
    client: { call: "images.jobs.create", arguments: { ...drawn, prompt }, gives: ["task_id", "status"] },
    java: java("asyncCall", [{ text: prompt }], drawn)
  }
]
