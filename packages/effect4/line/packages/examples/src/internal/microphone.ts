/** What a microphone hears. */
import { Stream } from "effect"
import { ChildProcess, type ChildProcessSpawner } from "effect/process"

export type Recorder = ChildProcessSpawner.ChildProcessSpawner

/** Samples of 16 bits, by `arecord`. */
export const microphone = ({ sampleRate, seconds }: { readonly sampleRate: number; readonly seconds: number }) =>
  ChildProcess.make("arecord", [
    ...["-q", "-t", "raw", "-f", "S16_LE", "-c", "1"],
    ...["-r", `${sampleRate}`, "-d", `${seconds}`]
  ]).pipe(
    Stream.fromEffect,
    Stream.flatMap(({ stdout }) => stdout),
    Stream.scoped
  )
