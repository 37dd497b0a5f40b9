/** Speech recognition over WebSockets, with and without a translation. */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { Recognition, TranslationRecognizer } from "effect-dashscope"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ServiceCase } from "./case.js"
import { folder, key, question, recording } from "./case.js"

const file = `${folder}/${recording.name}`

/** As it comes from the disk. */
const heard = (folder: string, name = recording.name) =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (files) => files.stream(`${folder}/${name}`))).pipe(
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
const javaGummy = {
  $: "audio.asr.translation.TranslationRecognizerParam",
  apiKey: key,
  ...wav,
  translationEnabled: true,
  translationLanguages: ["en"],
  sourceLanguage: "zh"
}

const parameters = {
  language_hints: ["zh", "en"],
  semantic_punctuation_enabled: false,
  max_sentence_silence: 800,
  heartbeat: true,
  special_word_filter: { filter_with_signed: { word_list: ["天气"] } }
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
        ...parameters,
        vocabulary_id: "vocab-words",
        disfluency_removal_enabled: true
      },
      arguments: { file, phrase_id: "words" }
    },
    java: {
      call: "audio.asr.recognition.Recognition.call",
      arguments: [{
        $: "audio.asr.recognition.RecognitionParam",
        apiKey: key,
        ...wav,
        model: "paraformer-realtime-v2",
        vocabularyId: "vocab-words",
        phraseId: "words",
        disfluencyRemovalEnabled: true,
        parameters
      }],
      hears: file,
      gives: ["sentence.text", "sentence.words.0.begin_time"]
    }
  },
  {
    name: "listen-live",
    stream: true,
    ours: (options, folder) => Stream.runDrain(Recognition.stream(plain, heard(folder), options)),
    gives: ["sentence.text"],
    java: {
      call: "audio.asr.recognition.Recognition.streamCall",
      arguments: [{ $: "audio.asr.recognition.RecognitionParam", apiKey: key, ...plain }],
      hears: file
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
    },
    java: {
      call: "audio.asr.translation.TranslationRecognizerRealtime.call",
      arguments: [{ ...javaGummy, model: "gummy-realtime-v1" }, file],
      gives: ["transcriptionResultList.0.text", "translationResultList.1.translations.en.text"]
    }
  },
  {
    name: "listen-and-translate-sent",
    stream: true,
    ours: (options, folder) =>
      Stream.runDrain(
        TranslationRecognizer.stream({ model: "gummy-realtime-v1", ...wav, ...gummy }, heard(folder), options)
      ),
    gives: ["transcriptionResult.text", "translationResult.translations.en.text"],
    java: {
      call: "audio.asr.translation.TranslationRecognizerRealtime.call",
      arguments: [{ ...javaGummy, model: "gummy-realtime-v1" }],
      hears: file
    }
  },
  {
    name: "listen-and-translate-live",
    stream: true,
    ours: (options, folder) =>
      Stream.runDrain(
        TranslationRecognizer.stream({ model: "gummy-realtime-v1", ...wav, ...gummy }, heard(folder), options)
      ),
    gives: ["transcriptionResult.text", "translationResult.translations.en.text"],
    java: {
      call: "audio.asr.translation.TranslationRecognizerRealtime.streamCall",
      arguments: [{ ...javaGummy, model: "gummy-realtime-v1" }],
      hears: file
    }
  },
  {
    name: "listen-to-one-sentence",
    ours: (options, folder) =>
      TranslationRecognizer.recognize(
        { model: "gummy-chat-v1", ...wav, ...gummy, maxEndSilence: 500 },
        heard(folder, question.name),
        options
      ),
    gives: ["transcription.text", "translation.translations.en.text"],
    python: {
      call: "audio.asr.TranslationRecognizerChat",
      with: { model: "gummy-chat-v1", ...pythonGummy, max_end_silence: 500 },
      hears: `${folder}/${question.name}`,
      arguments: {}
    },
    java: {
      call: "audio.asr.translation.TranslationRecognizerChat.call",
      arguments: [{ ...javaGummy, model: "gummy-chat-v1", maxEndSilence: 500 }],
      hears: `${folder}/${question.name}`,
      gives: ["transcriptionResult.text", "translationResult.translations.en.text"]
    }
  }
]
