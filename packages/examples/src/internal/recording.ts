/** A WAV file to listen to: one from the disk, or texts that are spoken first. */
import type { Error as PlatformError } from "@effect/platform"
import { FileSystem } from "@effect/platform"
import { Effect, Stream } from "effect"
import { type DashScopeError, SpeechSynthesizer } from "effect-dashscope"

/** In Hz. */
export const sampleRate = 16_000

/** Its bytes, as they come. */
export const recording = (path: string | undefined, ...texts: ReadonlyArray<string>): Stream.Stream<
  Uint8Array,
  DashScopeError.DashScopeError | PlatformError.PlatformError,
  FileSystem.FileSystem | SpeechSynthesizer.SpeechSynthesizer
> =>
  path === undefined
    ? SpeechSynthesizer.streamAudio(
      { model: "cosyvoice-v3-flash", voice: "longanyang", format: "wav", sampleRate },
      Stream.fromIterable(texts)
    )
    : Stream.unwrap(Effect.map(FileSystem.FileSystem, (files) => files.stream(path)))
