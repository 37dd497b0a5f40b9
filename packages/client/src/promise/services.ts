/**
 * The functions of all services over a runtime that has them.
 *
 * @internal
 */
import * as Application from "../Application.js"
import * as Batch from "../Batch.js"
import * as BatchTextEmbedding from "../BatchTextEmbedding.js"
import * as CodeGeneration from "../CodeGeneration.js"
import * as Deployments from "../Deployments.js"
import * as Download from "../Download.js"
import * as Files from "../Files.js"
import * as FineTunes from "../FineTunes.js"
import * as Generation from "../Generation.js"
import * as HttpSpeechSynthesizer from "../HttpSpeechSynthesizer.js"
import * as ImageGeneration from "../ImageGeneration.js"
import * as ImageSynthesis from "../ImageSynthesis.js"
import * as Models from "../Models.js"
import * as MultiModalConversation from "../MultiModalConversation.js"
import * as MultiModalEmbedding from "../MultiModalEmbedding.js"
import * as SpeechSynthesizer from "../SpeechSynthesizer.js"
import * as Task from "../Task.js"
import * as TextEmbedding from "../TextEmbedding.js"
import * as TextReRank from "../TextReRank.js"
import * as Tokenization from "../Tokenization.js"
import * as Transcription from "../Transcription.js"
import * as Understanding from "../Understanding.js"
import * as Upload from "../Upload.js"
import * as VideoSynthesis from "../VideoSynthesis.js"
import * as Vocabulary from "../Vocabulary.js"
import * as VoiceEnrollment from "../VoiceEnrollment.js"
import type * as Client from "./client.js"
import * as Own from "./own.js"
import { adapt } from "./run.js"
import * as Sessions from "./sessions.js"

/** @internal */
export const services = (runtime: Own.Everything): Client.Services => ({
  application: {
    ...adapt(runtime, {
      call: Application.call,
      stream: Application.stream,
      streamText: Application.streamText
    }),
    ...Own.applications(runtime)
  },
  batches: {
    ...adapt(runtime, {
      create: Batch.create,
      fetch: Batch.fetch,
      watch: Batch.watch,
      await: Batch.await,
      cancel: Batch.cancel,
      listPage: Batch.listPage,
      list: Batch.list,
      results: Own.results,
      embeddings: Own.embeddings
    }),
    ...Own.batches(runtime)
  },
  batchTextEmbedding: adapt(runtime, {
    submit: BatchTextEmbedding.submit,
    await: BatchTextEmbedding.await,
    call: BatchTextEmbedding.call,
    vectors: Own.vectors
  }),
  codeGeneration: adapt(runtime, { call: CodeGeneration.call, stream: CodeGeneration.stream }),
  deployments: adapt(runtime, {
    create: Deployments.create,
    list: Deployments.list,
    get: Deployments.get,
    scale: Deployments.scale,
    remove: Deployments.remove,
    events: Deployments.events
  }),
  download: adapt(runtime, { stream: Download.stream, toFile: Download.toFile }),
  duplexTask: Sessions.duplexTask(runtime),
  files: adapt(runtime, {
    upload: Files.upload,
    list: Files.list,
    get: Files.get,
    remove: Files.remove,
    create: Files.create,
    listCompatible: Files.listCompatible,
    getCompatible: Files.getCompatible,
    removeCompatible: Files.removeCompatible,
    content: Files.content,
    all: Files.all
  }),
  fineTunes: adapt(runtime, {
    create: FineTunes.create,
    list: FineTunes.list,
    outputs: FineTunes.outputs,
    get: FineTunes.get,
    cancel: FineTunes.cancel,
    remove: FineTunes.remove,
    logs: FineTunes.logs,
    events: FineTunes.events
  }),
  generation: {
    ...adapt(runtime, {
      call: Generation.call,
      stream: Generation.stream,
      streamText: Generation.streamText
    }),
    ...Own.generation(runtime)
  },
  httpSpeechSynthesizer: adapt(runtime, {
    call: HttpSpeechSynthesizer.call,
    stream: HttpSpeechSynthesizer.stream,
    streamAudio: HttpSpeechSynthesizer.streamAudio,
    collectAudio: HttpSpeechSynthesizer.collectAudio
  }),
  imageGeneration: {
    ...adapt(runtime, {
      call: ImageGeneration.call,
      stream: ImageGeneration.stream,
      submit: ImageGeneration.submit,
      await: ImageGeneration.await
    }),
    ...Own.imageGeneration(runtime)
  },
  imageSynthesis: adapt(runtime, {
    submit: ImageSynthesis.submit,
    await: ImageSynthesis.await,
    call: ImageSynthesis.call
  }),
  models: { ...adapt(runtime, { list: Models.list, all: Models.all }), ...Own.models(runtime) },
  multiModalConversation: {
    ...adapt(runtime, {
      call: MultiModalConversation.call,
      stream: MultiModalConversation.stream,
      streamText: MultiModalConversation.streamText
    }),
    ...Own.conversations(runtime)
  },
  multiModalEmbedding: adapt(runtime, { call: MultiModalEmbedding.call }),
  realtime: Sessions.realtime(runtime),
  recognition: Own.recognition(runtime),
  speechSynthesizer: {
    ...adapt(runtime, { synthesize: SpeechSynthesizer.synthesize }),
    ...Own.speech(runtime)
  },
  tasks: adapt(runtime, {
    byId: Task.byId,
    fetch: Task.fetch,
    await: Task.await,
    watch: Task.watch,
    cancel: Task.cancel,
    listPage: Task.listPage,
    list: Task.list
  }),
  textEmbedding: adapt(runtime, {
    call: TextEmbedding.call,
    embed: TextEmbedding.embed,
    embedMany: TextEmbedding.embedMany
  }),
  textReRank: adapt(runtime, { call: TextReRank.call }),
  tokenization: adapt(runtime, { call: Tokenization.call }),
  tokens: Own.tokens(runtime),
  transcription: adapt(runtime, {
    submit: Transcription.submit,
    await: Transcription.await,
    call: Transcription.call,
    transcript: Transcription.transcript
  }),
  translationRecognizer: Own.translations(runtime),
  understanding: adapt(runtime, { call: Understanding.call }),
  upload: adapt(runtime, { upload: Upload.upload, resolve: Upload.resolve }),
  videoSynthesis: adapt(runtime, {
    submit: VideoSynthesis.submit,
    await: VideoSynthesis.await,
    call: VideoSynthesis.call
  }),
  vocabulary: adapt(runtime, {
    create: Vocabulary.create,
    list: Vocabulary.list,
    get: Vocabulary.get,
    update: Vocabulary.update,
    remove: Vocabulary.remove
  }),
  voiceEnrollment: adapt(runtime, {
    create: VoiceEnrollment.create,
    clone: VoiceEnrollment.clone,
    design: VoiceEnrollment.design,
    list: VoiceEnrollment.list,
    get: VoiceEnrollment.get,
    update: VoiceEnrollment.update,
    remove: VoiceEnrollment.remove
  })
})
