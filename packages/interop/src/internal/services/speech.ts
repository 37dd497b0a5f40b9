/** Speech over HTTP, voices and hot words. */
import { HttpSpeechSynthesizer, Vocabulary, VoiceEnrollment } from "effect-dashscope"
import * as Stream from "effect/Stream"
import type { Json, ServiceCase } from "./case.js"

const speech = { model: "cosyvoice-v3-flash", voice: "longanyang", text: "床前明月光。疑是地上霜。" }

const voices = "audio.tts_v2.VoiceEnrollmentService"
const targetModel = "cosyvoice-v3.5-plus"
const url = "https://example.com/recording.wav"
/** The first that a simulator gives; so are the others here. */
const voiceId = "cosyvoice-v3.5-plus-myvoice-d2fc638a4479"
const designedId = "qwen-tts-vd-voice-voice-14ebeb6179e7"
const vocabularyId = "vocab-words-803b100357eca832843c9f30018444aa"

const words = [{ text: "吴贻弓", weight: 4, lang: "zh" }, { text: "上海电影制片厂", weight: 3, lang: "zh" }]
const other = [{ text: "阿里巴巴", weight: 5, lang: "zh" }]

const javaVoice = (method: string, ...args: ReadonlyArray<Json>) => ({
  call: `audio.ttsv2.enrollment.VoiceEnrollmentService.${method}`,
  made: true,
  arguments: args
})

const javaWords = (method: string, ...args: ReadonlyArray<Json>) => ({
  call: `audio.asr.vocabulary.VocabularyService.${method}`,
  made: true,
  arguments: args
})

const ofService = (call: string, args: { readonly [name: string]: Json }) => ({ call, made: true, arguments: args })

export const speeches: ReadonlyArray<ServiceCase> = [
  {
    name: "speech",
    ours: (options) => HttpSpeechSynthesizer.call({ ...speech, format: "wav", sampleRate: 24_000 }, options),
    gives: ["audio_url", "audio_id", "expires_at"],
    python: { call: "HttpSpeechSynthesizer.call", arguments: speech },
    client: {
      call: "audio.tts.http.synthesize",
      arguments: { ...speech, format: "wav", sample_rate: 24_000 }
    },
    asyncClient: false
  },
  {
    name: "speech-parameters",
    ours: (options) =>
      HttpSpeechSynthesizer.call({
        ...speech,
        format: "mp3",
        sampleRate: 16_000,
        volume: 60,
        rate: 1.5,
        pitch: 0.5,
        seed: 3,
        languageHints: ["zh"],
        instruction: "很高兴地"
      }, options),
    gives: ["audio_url"],
    python: {
      call: "HttpSpeechSynthesizer.call",
      arguments: {
        ...speech,
        audio_format: "mp3",
        sample_rate: 16_000,
        volume: 60,
        rate: 1.5,
        pitch: 0.5,
        seed: 3,
        language_hints: ["zh"],
        instruction: "很高兴地"
      }
    },
    client: {
      call: "audio.tts.http.synthesize",
      arguments: {
        ...speech,
        format: "mp3",
        sample_rate: 16_000,
        extra_input: {
          volume: 60,
          rate: 1.5,
          pitch: 0.5,
          seed: 3,
          language_hints: ["zh"],
          instruction: "很高兴地"
        }
      }
    },
    asyncClient: false
  },
  {
    name: "speech-stream",
    stream: true,
    ours: (options) =>
      Stream.runDrain(
        HttpSpeechSynthesizer.stream(
          { ...speech, format: "pcm", sampleRate: 24_000, wordTimestampEnabled: true },
          options
        )
      ),
    gives: ["audio_data", "audio_url", "sentences.4.words.0.begin_time"],
    python: {
      call: "HttpSpeechSynthesizer.call",
      arguments: { ...speech, audio_format: "pcm", word_timestamp_enabled: true, stream: true }
    },
    client: {
      call: "audio.tts.http.stream",
      arguments: { ...speech, format: "pcm", sample_rate: 24_000, extra_input: { word_timestamp_enabled: true } },
      gives: ["audio", "audio_url", "sentence.words.0.begin_time"]
    },
    asyncClient: false
  },
  {
    name: "voice-create",
    ours: (options) =>
      VoiceEnrollment.create(
        { targetModel, prefix: "myvoice", url, languageHints: ["zh"], maxPromptAudioLength: 8 },
        options
      ),
    gives: [],
    python: ofService(`${voices}.create_voice`, {
      target_model: targetModel,
      prefix: "myvoice",
      url,
      language_hints: ["zh"],
      max_prompt_audio_length: 8
    }),
    client: {
      call: "audio.voices.create",
      arguments: {
        target_model: targetModel,
        prefix: "myvoice",
        url,
        language_hints: ["zh"],
        max_prompt_audio_length: 8
      },
      gives: ["voice_id"]
    },
    asyncClient: false,
    java: {
      ...javaVoice("createVoice", targetModel, "myvoice", url, {
        $: "audio.ttsv2.enrollment.VoiceEnrollmentParam",
        model: "voice-enrollment",
        languageHints: ["zh"],
        maxPromptAudioLength: 8
      }),
      gives: ["voice_id"]
    }
  },
  {
    name: "voice-list",
    ours: (options) => VoiceEnrollment.list({ prefix: "myvoice", pageIndex: 0, pageSize: 5 }, options),
    gives: ["0.voice_id", "0.status"],
    python: ofService(`${voices}.list_voices`, { prefix: "myvoice", page_index: 0, page_size: 5 }),
    client: {
      call: "audio.voices.list",
      arguments: { prefix: "myvoice", page_index: 0, page_size: 5 },
      gives: ["voices.0.voice_id", "voices.0.status"]
    },
    asyncClient: false,
    java: javaVoice("listVoice", "myvoice", 0, 5)
  },
  {
    name: "voice-get",
    ours: (options) => VoiceEnrollment.get({ voiceId }, options),
    gives: ["target_model", "status", "resource_link"],
    python: ofService(`${voices}.query_voice`, { voice_id: voiceId }),
    client: { call: "audio.voices.get", arguments: { voice_id: voiceId } },
    asyncClient: false,
    java: javaVoice("queryVoice", voiceId)
  },
  {
    name: "voice-update",
    ours: (options) => VoiceEnrollment.update({ voiceId, url }, options),
    gives: [],
    python: ofService(`${voices}.update_voice`, { voice_id: voiceId, url }),
    client: { call: "audio.voices.update", arguments: { voice_id: voiceId, url } },
    asyncClient: false,
    java: javaVoice("updateVoice", voiceId, url)
  },
  {
    name: "voice-delete",
    ours: (options) => VoiceEnrollment.remove({ voiceId }, options),
    gives: [],
    python: ofService(`${voices}.delete_voice`, { voice_id: voiceId }),
    client: { call: "audio.voices.delete", arguments: { voice_id: voiceId } },
    asyncClient: false,
    java: javaVoice("deleteVoice", voiceId)
  },
  {
    name: "voice-design",
    ours: (options) =>
      VoiceEnrollment.design({
        targetModel: "qwen3-tts-vd-realtime-2025-12-16",
        voicePrompt: "沉稳的中年男性",
        previewText: "各位听众朋友，大家好",
        preferredName: "voice",
        language: "zh",
        sampleRate: 24_000,
        responseFormat: "wav"
      }, options),
    gives: ["voice", "target_model", "preview_audio.data"],
    client: {
      call: "audio.voice_design.create",
      arguments: {
        target_model: "qwen3-tts-vd-realtime-2025-12-16",
        voice_prompt: "沉稳的中年男性",
        preview_text: "各位听众朋友，大家好",
        preferred_name: "voice",
        language: "zh",
        parameters: { sample_rate: 24_000, response_format: "wav" }
      }
    },
    asyncClient: false
  },
  {
    name: "voice-design-list",
    ours: (options) => VoiceEnrollment.list({ maker: "qwen-voice-design", pageIndex: 0, pageSize: 5 }, options),
    gives: ["voices.0.voice"],
    client: { call: "audio.voice_design.list", arguments: { page_index: 0, page_size: 5 } },
    asyncClient: false
  },
  {
    name: "voice-design-get",
    ours: (options) => VoiceEnrollment.get({ maker: "qwen-voice-design", voiceId: designedId }, options),
    gives: ["voice", "target_model"],
    client: { call: "audio.voice_design.get", arguments: { voice: designedId } },
    asyncClient: false
  },
  {
    name: "voice-design-delete",
    ours: (options) => VoiceEnrollment.remove({ maker: "qwen-voice-design", voiceId: designedId }, options),
    gives: [],
    client: { call: "audio.voice_design.delete", arguments: { voice: designedId } },
    asyncClient: false
  },
  {
    name: "vocabulary-create",
    ours: (options) => Vocabulary.create({ targetModel: "fun-asr", prefix: "words", vocabulary: words }, options),
    gives: [],
    python: ofService("audio.asr.VocabularyService.create_vocabulary", {
      target_model: "fun-asr",
      prefix: "words",
      vocabulary: words
    }),
    client: {
      call: "audio.vocabularies.create",
      arguments: { target_model: "fun-asr", prefix: "words", vocabulary: words },
      gives: ["vocabulary_id"]
    },
    asyncClient: false,
    java: { ...javaWords("createVocabulary", "fun-asr", "words", words), gives: ["vocabulary_id"] }
  },
  {
    name: "vocabulary-list",
    ours: (options) => Vocabulary.list({ prefix: "words", pageIndex: 0, pageSize: 5 }, options),
    gives: ["0.vocabulary_id", "0.status"],
    python: ofService("audio.asr.VocabularyService.list_vocabularies", {
      prefix: "words",
      page_index: 0,
      page_size: 5
    }),
    client: {
      call: "audio.vocabularies.list",
      arguments: { prefix: "words", page_index: 0, page_size: 5 },
      gives: ["vocabularies.0.vocabulary_id", "vocabularies.0.status"]
    },
    asyncClient: false,
    java: javaWords("listVocabulary", "words", 0, 5)
  },
  {
    name: "vocabulary-get",
    ours: (options) => Vocabulary.get(vocabularyId, options),
    gives: ["vocabulary.0.text", "target_model", "status"],
    python: ofService("audio.asr.VocabularyService.query_vocabulary", { vocabulary_id: vocabularyId }),
    client: { call: "audio.vocabularies.get", arguments: { vocabulary_id: vocabularyId } },
    asyncClient: false,
    java: javaWords("queryVocabulary", vocabularyId)
  },
  {
    name: "vocabulary-update",
    ours: (options) => Vocabulary.update({ vocabularyId, vocabulary: other }, options),
    gives: [],
    python: ofService("audio.asr.VocabularyService.update_vocabulary", {
      vocabulary_id: vocabularyId,
      vocabulary: other
    }),
    client: { call: "audio.vocabularies.update", arguments: { vocabulary_id: vocabularyId, vocabulary: other } },
    asyncClient: false,
    java: javaWords("updateVocabulary", vocabularyId, other)
  },
  {
    name: "vocabulary-delete",
    ours: (options) => Vocabulary.remove(vocabularyId, options),
    gives: [],
    python: ofService("audio.asr.VocabularyService.delete_vocabulary", { vocabulary_id: vocabularyId }),
    client: { call: "audio.vocabularies.delete", arguments: { vocabulary_id: vocabularyId } },
    asyncClient: false,
    java: javaWords("deleteVocabulary", vocabularyId)
  }
]
