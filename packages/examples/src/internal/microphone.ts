/** What a microphone hears. */
import { Command, type CommandExecutor } from "@effect/platform"

export type Recorder = CommandExecutor.CommandExecutor

/** Samples of 16 bits, by `arecord`. */
export const microphone = ({ sampleRate, seconds }: { readonly sampleRate: number; readonly seconds: number }) =>
  Command.stream(
    Command.make("arecord", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", `${sampleRate}`, "-d", `${seconds}`)
  )
