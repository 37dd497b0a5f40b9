/**
 * Audio that is sent to be recognised, as it is recorded or from a file: what `Recognition` and `TranslationRecognizer` take.
 *
 * Pieces may be of any size: they are cut anew into what the service takes, about 100 milliseconds each.
 *
 * @since 0.1.0
 */
import type * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"

/**
 * All of the audio, or its pieces as they come.
 *
 * @since 0.1.0
 * @category models
 */
export type AudioInput<E = never, R = never> = Uint8Array | Stream.Stream<Uint8Array, E, R>

/**
 * What one recognition may have of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface AudioOptions extends CallOptions {
  /**
   * How fast audio is sent. `none`: as it comes, and as fast as the socket takes it. `realtime`: no faster than it is spoken,
   * by the Clock; of compressed audio, whose length in time is not known, 4 KiB every 100 milliseconds.
   *
   * Default: `none`. Live audio has a pace of its own, and a file is recognised the sooner; the socket's back pressure
   * keeps what is under way small.
   */
  readonly pace?: "realtime" | "none" | undefined
  /**
   * What becomes of pauses in the input: the service ends a task to which nothing was sent for 23 seconds. `silence`: after 20
   * seconds without input a tenth of a second of silence is sent; the times of later sentences do not count the pause. It can be
   * put into `pcm`, and into `wav` whose head leaves its length open; in other formats a pause fails. `fail`: the pause is an
   * `InputRequired` of field `audio`.
   *
   * Default: `silence`. Where more than a minute may pass without speech, `heartbeat` is needed too.
   */
  readonly gaps?: "silence" | "fail" | undefined
}
