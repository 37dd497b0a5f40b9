/**
 * Images, videos, transcription and embeddings of files as tasks. A task that is asked for in a case was made in one before it, which all programs have run, so that
 * it has the same id for all.
 */
import { BatchTextEmbedding, ImageSynthesis, Task, Transcription, VideoSynthesis } from "effect-dashscope"
import * as Effect from "effect/Effect"
import type { Invocation, Json, ServiceCase } from "./case.js"
import { key } from "./case.js"

/** Of the first tasks that a simulator makes. */
const canceled = "9295b90d-c186-9a39-9710-9e1cf8fa5174"
const awaited = "369c8d50-f6da-903a-9406-46f0007882c3"
const transcribed = "63f3ac0f-153a-9102-9f62-c0b6dcc2bf7b"

const picture = "https://example.com/cat.png"
const image = { model: "wan2.2-t2i-flash", prompt: "一只奔跑的猫", n: 1, size: "1024*1024", seed: 42 }
const video = { model: "wan2.5-t2v-preview", prompt: "一只小猫在月光下奔跑", size: "1280*720", duration: 5 }

const texts = "https://example.com/texts.txt"
const recording = "https://example.com/hello.wav"
const speakers = { channel_id: [0], diarization_enabled: true, speaker_count: 2, language_hints: ["en"] }

const submitted = ["output.task_id", "output.task_status"]
const asJob = ["task_id", "status"]

type Fields = { readonly [name: string]: Json }

const modules = { ImageSynthesis: "aigc.image_synthesis", VideoSynthesis: "aigc.video_synthesis" } as const
type Service = keyof typeof modules

/** A function of both classes of a module. */
const python = (service: Service, name: string, fields: Fields) => ({
  python: { call: `${modules[service]}.${service}.${name}`, arguments: fields },
  pythonAsync: `${modules[service]}.Aio${service}.${name}`
})

const javaClass = (service: Service | "Transcription") =>
  `${service === "Transcription" ? "audio.asr" : "aigc"}.${service.toLowerCase()}.${service}`

const java = (service: Service | "Transcription", name: string, fields: Fields) => ({
  call: `${javaClass(service)}.${name}`,
  arguments: [{ $: `${javaClass(service)}Param`, apiKey: key, ...fields }]
})

const javaOf = (service: Service, name: string, id: string): Invocation => ({
  call: `${javaClass(service)}.${name}`,
  arguments: [id, key]
})

const of = (id: string, service: Service) => Task.byId(id, { service })

export const tasks: ReadonlyArray<ServiceCase> = [
  {
    name: "image-submit",
    ours: (options) => ImageSynthesis.submit({ ...image, negativePrompt: "a dog", promptExtend: false }, options),
    gives: submitted,
    ...python("ImageSynthesis", "async_call", { ...image, negative_prompt: "a dog", prompt_extend: false }),
    client: {
      call: "images.jobs.create",
      arguments: { ...image, negative_prompt: "a dog", prompt_extend: false },
      gives: asJob
    },
    java: java("ImageSynthesis", "asyncCall", { ...image, negativePrompt: "a dog", promptExtend: false })
  },
  {
    name: "task-cancel",
    ours: (options) => Effect.flatMap(of(canceled, "ImageSynthesis"), (task) => Task.cancel(task, options)),
    gives: ["request_id"],
    ...python("ImageSynthesis", "cancel", { task: canceled }),
    client: { call: "images.jobs.cancel", arguments: { task_id: canceled }, gives: ["request_id"] },
    java: { ...javaOf("ImageSynthesis", "cancel", canceled), gives: ["request_id"] }
  },
  {
    name: "task-fetch",
    ours: (options) => Effect.flatMap(of(canceled, "ImageSynthesis"), (task) => Task.fetch(task, options)),
    gives: submitted,
    ...python("ImageSynthesis", "fetch", { task: canceled }),
    client: { call: "images.jobs.fetch", arguments: { task_id: canceled }, gives: asJob },
    java: javaOf("ImageSynthesis", "fetch", canceled)
  },
  {
    name: "task-list",
    ours: (options) =>
      Task.listPage({
        startTime: "20240101000000",
        endTime: "20340101000000",
        modelName: image.model,
        status: "CANCELED",
        region: "cn-beijing",
        pageNo: 1,
        pageSize: 5
      }, options),
    gives: ["output.data.0.task_id", "output.total"],
    ...python("ImageSynthesis", "list", {
      start_time: "20240101000000",
      end_time: "20340101000000",
      model_name: image.model,
      status: "CANCELED",
      region: "cn-beijing",
      page_no: 1,
      page_size: 5
    }),
    client: {
      call: "images.jobs.list",
      arguments: {
        start_time: "20240101000000",
        end_time: "20340101000000",
        model_name: image.model,
        status: "CANCELED",
        region: "cn-beijing",
        page_no: 1,
        page_size: 5
      },
      // It looks for the tasks in a field that the answer does not have.
      gives: ["total", "page_size"]
    },
    java: {
      call: `${javaClass("ImageSynthesis")}.list`,
      arguments: [{
        $: "task.AsyncTaskListParam",
        apiKey: key,
        startTime: "20240101000000",
        endTime: "20340101000000",
        modelName: image.model,
        status: "CANCELED",
        region: "cn-beijing",
        pageNo: 1,
        pageSize: 5
      }],
      gives: ["data.0.task_id", "total"]
    }
  },
  {
    name: "video-submit",
    ours: (options) => VideoSynthesis.submit(video, options),
    gives: submitted,
    ...python("VideoSynthesis", "async_call", video),
    client: { call: "videos.jobs.create", arguments: video, gives: asJob },
    java: java("VideoSynthesis", "asyncCall", video)
  },
  {
    name: "video-wait",
    ours: (options) => Effect.flatMap(of(awaited, "VideoSynthesis"), (task) => VideoSynthesis.await(task, options)),
    gives: ["output.video_url", "output.orig_prompt", "usage.video_count"],
    ...python("VideoSynthesis", "wait", { task: awaited }),
    client: {
      call: "videos.jobs.wait",
      arguments: { job: awaited },
      gives: ["video_url", "status", "submitted_at", "finished_at"]
    },
    java: javaOf("VideoSynthesis", "wait", awaited)
  },
  {
    name: "transcription-submit",
    ours: (options) =>
      Transcription.submit({
        model: "paraformer-v2",
        fileUrls: [recording],
        channelId: [0],
        diarizationEnabled: true,
        speakerCount: 2,
        languageHints: ["en"],
        phraseIds: ["phrases-1"]
      }, options),
    gives: submitted,
    python: {
      call: "audio.asr.Transcription.async_call",
      arguments: { model: "paraformer-v2", file_urls: [recording], phrase_id: "phrases-1", ...speakers }
    },
    client: {
      call: "audio.asr.jobs.create",
      arguments: {
        model: "paraformer-v2",
        file_urls: [recording],
        phrase_id: "phrases-1",
        parameters: speakers
      },
      gives: asJob
    },
    java: {
      ...java("Transcription", "asyncCall", {
        model: "paraformer-v2",
        fileUrls: [recording],
        channelId: [0],
        diarizationEnabled: true,
        speakerCount: 2,
        parameters: { language_hints: ["en"] },
        phraseId: "phrases-1"
      }),
      gives: ["output.task_id"]
    }
  },
  {
    name: "transcription-wait",
    ours: (options) =>
      Effect.flatMap(
        Task.byId(transcribed, { service: "Transcription" }),
        (task) => Transcription.await(task, options)
      ),
    gives: ["output.results.0.transcription_url", "output.results.0.subtask_status", "usage.duration"],
    python: { call: "audio.asr.Transcription.wait", arguments: { task: transcribed } },
    client: {
      call: "audio.asr.jobs.wait",
      arguments: { job: transcribed },
      gives: ["results.0.transcription_url", "status"]
    },
    java: {
      call: `${javaClass("Transcription")}.wait`,
      arguments: [{
        $: "audio.asr.transcription.TranscriptionQueryParam",
        apiKey: key,
        taskId: transcribed,
        headers: {}
      }],
      gives: ["output.results.0.transcription_url", "usage.duration"]
    }
  },
  {
    name: "transcription-qwen-submit",
    ours: (options) =>
      Transcription.submit({
        model: "qwen3-asr-flash-filetrans",
        fileUrl: recording,
        channelId: [0],
        language: "zh",
        enableItn: false
      }, options),
    gives: submitted,
    python: {
      call: "audio.qwen_asr.QwenTranscription.async_call",
      arguments: {
        model: "qwen3-asr-flash-filetrans",
        file_url: recording,
        channel_id: [0],
        language: "zh",
        enable_itn: false
      }
    },
    java: {
      call: "audio.qwen_asr.QwenTranscription.asyncCall",
      arguments: [{
        $: "audio.qwen_asr.QwenTranscriptionParam",
        apiKey: key,
        model: "qwen3-asr-flash-filetrans",
        fileUrl: recording,
        parameters: { channel_id: [0], language: "zh", enable_itn: false }
      }],
      gives: ["output.task_id"]
    }
  },
  {
    name: "file-embedding-submit",
    ours: (options) =>
      BatchTextEmbedding.submit({ model: "text-embedding-async-v2", url: texts, textType: "query" }, options),
    gives: submitted,
    python: {
      call: "BatchTextEmbedding.async_call",
      arguments: { model: "text-embedding-async-v2", url: texts, text_type: "query" }
    },
    client: {
      call: "embeddings.jobs.create",
      arguments: { model: "text-embedding-async-v2", file_url: texts, text_type: "query" },
      gives: asJob
    },
    java: {
      call: "embeddings.BatchTextEmbedding.asyncCall",
      arguments: [{
        $: "embeddings.BatchTextEmbeddingParam",
        apiKey: key,
        model: "text-embedding-async-v2",
        url: texts,
        textType: "QUERY"
      }]
    }
  },
  {
    name: "file-embedding-call",
    ours: (options) => BatchTextEmbedding.call({ model: "text-embedding-async-v2", url: texts }, options),
    gives: ["output.url", "usage.total_tokens"],
    python: { call: "BatchTextEmbedding.call", arguments: { model: "text-embedding-async-v2", url: texts } },
    java: {
      call: "embeddings.BatchTextEmbedding.call",
      arguments: [{
        $: "embeddings.BatchTextEmbeddingParam",
        apiKey: key,
        model: "text-embedding-async-v2",
        url: texts
      }]
    }
  },
  {
    name: "image-edit-submit",
    ours: (options) =>
      ImageSynthesis.submit({
        model: "wanx2.1-imageedit",
        prompt: "bluer",
        function: "description_edit_with_mask",
        baseImageUrl: picture,
        maskImageUrl: picture,
        n: 1
      }, options),
    gives: submitted,
    ...python("ImageSynthesis", "async_call", {
      model: "wanx2.1-imageedit",
      prompt: "bluer",
      function: "description_edit_with_mask",
      base_image_url: picture,
      mask_image_url: picture,
      n: 1
    }),
    java: java("ImageSynthesis", "asyncCall", {
      model: "wanx2.1-imageedit",
      prompt: "bluer",
      function: "description_edit_with_mask",
      baseImageUrl: picture,
      maskImageUrl: picture,
      n: 1
    })
  },
  {
    name: "video-frames-submit",
    ours: (options) =>
      VideoSynthesis.submit({
        model: "wan2.2-kf2v-flash",
        firstFrameUrl: picture,
        lastFrameUrl: picture,
        resolution: "720P",
        seed: 7
      }, options),
    gives: submitted,
    ...python("VideoSynthesis", "async_call", {
      model: "wan2.2-kf2v-flash",
      first_frame_url: picture,
      last_frame_url: picture,
      resolution: "720P",
      seed: 7
    }),
    java: java("VideoSynthesis", "asyncCall", {
      model: "wan2.2-kf2v-flash",
      firstFrameUrl: picture,
      lastFrameUrl: picture,
      resolution: "720P",
      seed: 7
    })
  },
  {
    name: "video-media-submit",
    ours: (options) =>
      VideoSynthesis.submit({
        model: "wan2.7-i2v",
        prompt: "a rap",
        media: [{ type: "first_frame", url: picture }],
        duration: 10,
        watermark: true
      }, options),
    gives: submitted,
    ...python("VideoSynthesis", "async_call", {
      model: "wan2.7-i2v",
      prompt: "a rap",
      media: [{ type: "first_frame", url: picture }],
      duration: 10,
      watermark: true
    }),
    client: {
      call: "videos.jobs.create",
      arguments: { model: "wan2.7-i2v", prompt: "a rap", image_url: picture, duration: 10, watermark: true },
      gives: asJob
    },
    java: java("VideoSynthesis", "asyncCall", {
      model: "wan2.7-i2v",
      prompt: "a rap",
      media: [{ $: "aigc.videosynthesis.VideoSynthesisParam$Media", type: "first_frame", url: picture }],
      duration: 10,
      watermark: true
    })
  },
  {
    name: "image-call",
    ours: (options) => ImageSynthesis.call(image, options),
    gives: ["output.results.0.url", "output.task_metrics.SUCCEEDED", "usage.image_count"],
    ...python("ImageSynthesis", "call", image),
    java: { ...java("ImageSynthesis", "call", image), gives: ["output.results.0.url", "usage.image_count"] }
  }
]
