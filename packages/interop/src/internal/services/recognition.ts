/** Speech recognition over WebSockets, with and without a translation. */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { Recognition, TranslationRecognizer } from "effect-dashscope"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ServiceCase } from "./case.js"
import { folder, key, recording } from "./case.js"

const file = `${folder}/${recording.name}`

/** As it comes from the disk. */
const heard = (folder: string) =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (files) => files.stream(`${folder}/${recording.name}`))).pipe(
    Stream.provideLayer(NodeFileSystem.layer)
  )

const wav = { format: "wav", sampleRate: 16_000 }
const pythonWav = { format: "wav", sample_rate: 16_000 }
const plain = { model: "fun-asr-realtime", ...wav }
const gummy = { translationEnabled: true, translationTargetLanguages: ["en"], sourceLanguage: "zh" }
const pythonGummy = {
  ...pythonWav,
  callback: null,
  translation_enabled: true,
  translation_target_languages: ["en"],
  source_language: "zh"
}

export const recognitions: ReadonlyArray<ServiceCase> = [
  {
    name: "listen",
    ours: (options, folder) => Recognition.recognize(plain, heard(folder), options),
    gives: ["sentences.0.text", "sentences.1.words.0.begin_time"],
    python: {
      call: "audio.asr.Recognition.call",
      made: true,
      with: { model: plain.model, callback: null, ...pythonWav },
      arguments: { file },
      gives: ["output.sentence.0.text", "output.sentence.1.words.0.begin_time"]
    },
    java: {
      call: "audio.asr.recognition.Recognition.call",
      arguments: [{ $: "audio.asr.recognition.RecognitionParam", apiKey: key, ...plain }, file]
    }
  },
  {
    name: "listen-parameters",
    ours: (options, folder) =>
      Recognition.recognize(
        {
          ...plain,
          model: "paraformer-realtime-v2",
          vocabularyId: "vocab-words",
          languageHints: ["zh", "en"],
          semanticPunctuationEnabled: false,
          maxSentenceSilence: 800,
          disfluencyRemovalEnabled: true,
          heartbeat: true,
          specialWordFilter: { filter_with_signed: { word_list: ["天气"] } },
          resources: [{ resource_id: "words", resource_type: "asr_phrase" }]
        },
        heard(folder),
        options
      ),
    gives: ["output.sentence.0.text"],
    python: {
      call: "audio.asr.Recognition.call",
      made: true,
      with: {
        model: "paraformer-realtime-v2",
        callback: null,
        ...pythonWav,
        vocabulary_id: "vocab-words",
        language_hints: ["zh", "en"],
        semantic_punctuation_enabled: false,
        max_sentence_silence: 800,
        disfluency_removal_enabled: true,
        heartbeat: true,
        special_word_filter: { filter_with_signed: { word_list: ["天气"] } }
      },
      arguments: { file, phrase_id: "words" }
    }
  },
  {
    name: "listen-and-translate",
    ours: (options, folder) =>
      TranslationRecognizer.recognize({ model: "gummy-realtime-v1", ...wav, ...gummy }, heard(folder), options),
    gives: ["transcription_result_list.0.text", "translation_result_list.1.translations.en.text"],
    python: {
      call: "audio.asr.TranslationRecognizerRealtime.call",
      made: true,
      with: { model: "gummy-realtime-v1", ...pythonGummy },
      arguments: { file }
    }
  },
  {
    name: "listen-to-one-sentence",
    ours: (options, folder) =>
      TranslationRecognizer.recognize(
        { model: "gummy-chat-v1", ...wav, ...gummy, maxEndSilence: 500 },
        heard(folder),
        options
      ),
    gives: ["transcription.text", "translation.translations.en.text"],
    python: {
      call: "audio.asr.TranslationRecognizerChat",
      with: { model: "gummy-chat-v1", ...pythonGummy, max_end_silence: 500 },
      hears: file,
      arguments: {}
    }
  }
]
