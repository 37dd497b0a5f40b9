/**
 * Tasks over WebSockets as data: what they are asked for, what goes into them and what comes of them. `DuplexTask` exports all of
 * it too, and has the verbs.
 *
 * @since 0.1.0
 */

/**
 * A record under its wire names.
 *
 * @since 0.1.0
 * @category models
 */
export type Fields = Readonly<Record<string, unknown>>

/**
 * What a task is asked for.
 *
 * @since 0.1.0
 * @category models
 */
export interface DuplexTaskRequest {
  /** Such as `multimodal-dialog`. */
  readonly model: string
  /** Such as `audio` or `aigc`. */
  readonly taskGroup: string
  /** Such as `asr` or `multimodal-generation`. */
  readonly task: string
  /** Such as `recognition` or `generation`. */
  readonly function: string
  /** `duplex`: more input follows the request; `out`: the request has all of it. Default: `duplex`. */
  readonly streaming?: "duplex" | "out" | undefined
  /** Under their wire names. */
  readonly parameters?: Fields | undefined
  /** The input of the request itself, under its wire names. */
  readonly input?: Fields | undefined
  /** Lists of hot words of older models. */
  readonly resources?: ReadonlyArray<Fields> | undefined
}

/**
 * What goes into a task: bytes are a binary message (audio), a record is the input of a `continue-task`.
 *
 * @since 0.1.0
 * @category models
 */
export type DuplexTaskInput = Uint8Array | Fields

/**
 * What comes of a task, in order. Started: the service takes input. Result: an event with what it says. Audio: a binary message,
 * which belongs to the result before it. Finished: the last.
 *
 * @since 0.1.0
 * @category models
 */
export type DuplexTaskEvent =
  | { readonly _tag: "Started"; readonly output: Fields | undefined }
  | {
    readonly _tag: "Result"
    readonly output: Fields | undefined
    readonly usage: Fields | undefined
    readonly requestId: string | undefined
  }
  | { readonly _tag: "Audio"; readonly bytes: Uint8Array }
  | {
    readonly _tag: "Finished"
    readonly output: Fields | undefined
    readonly usage: Fields | undefined
    readonly requestId: string | undefined
  }
