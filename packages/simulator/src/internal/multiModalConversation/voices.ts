/**
 * The voices of qwen-tts and omni models.
 */
import type { Failure } from "../server/answer.js"
import { invalid } from "../server/answer.js"

const names: ReadonlyArray<string> = [
  "Cherry",
  "Serena",
  "Ethan",
  "Chelsie",
  "Momo",
  "Vivian",
  "Moon",
  "Maia",
  "Kai",
  "Nofish",
  "Bella",
  "Jennifer",
  "Ryan",
  "Katerina",
  "Aiden",
  "Eldric Sage",
  "Mia",
  "Mochi",
  "Bellona",
  "Vincent",
  "Bunny",
  "Neil",
  "Elias",
  "Arthur",
  "Nini",
  "Ebona",
  "Seren",
  "Pip",
  "Stella",
  "Bodega",
  "Sonrisa",
  "Alek",
  "Dolce",
  "Sohee",
  "Ono Anna",
  "Lenn",
  "Emilien",
  "Andre",
  "Radio Gol",
  "Jada",
  "Dylan",
  "Li",
  "Marcus",
  "Roy",
  "Peter",
  "Sunny",
  "Eric",
  "Rocky",
  "Kiki"
]

const known = new Set(names)

/** @internal */
export const checkVoice = (voice: unknown): Failure | undefined =>
  typeof voice === "string" && known.has(voice)
    ? undefined
    : invalid(`Input should be ${names.map((name) => `'${name}'`).join(", ")}: parameters.audio.voice`)
