/**
 * Events of a session put together: what was said to it.
 *
 * @internal
 */
import type { ServerEvent } from "../../RealtimeEvent.js"
import type { Transcript } from "../../RealtimeState.js"

/** What an event says of what was heard; nothing where it says nothing. @internal */
export const transcriptOf = (event: ServerEvent): Transcript | undefined => {
  switch (event.type) {
    case "conversation.item.input_audio_transcription.text":
    case "conversation.item.input_audio_transcription.delta":
    case "conversation.item.ambient_audio_transcription.delta":
      return {
        ...common(event),
        text: event.text ?? "",
        stash: event.stash ?? "",
        isFinal: false
      }
    case "conversation.item.input_audio_transcription.completed":
    case "conversation.item.ambient_audio_transcription.completed":
      return { ...common(event), text: event.transcript ?? "", stash: "", isFinal: true }
    case "conversation.item.input_audio_transcription.failed":
      return { ...common(event), text: "", stash: "", isFinal: true, error: event.error ?? {} }
    default:
      return undefined
  }
}

interface OfInput {
  readonly type: string
  readonly itemId?: string | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly language?: string | null | undefined
  readonly emotion?: string | null | undefined
}

const common = ({ contentIndex, emotion, itemId, language, type }: OfInput) => ({
  itemId: itemId ?? "",
  contentIndex: contentIndex ?? 0,
  language: language ?? undefined,
  emotion: emotion ?? undefined,
  isAmbient: type.includes("ambient")
})

const keyOf = ({ contentIndex, isAmbient, itemId }: Transcript): string =>
  isAmbient ? `ambient/${itemId}/${contentIndex}` : `${itemId}/${contentIndex}`

/** Keeps the newest of each item, of events given one by one. @internal */
export class Transcripts {
  private readonly byItem = new Map<string, Transcript>()
  private readonly unnamed: Array<Transcript> = []

  /** What an event changed. */
  add(event: ServerEvent): Transcript | undefined {
    const transcript = transcriptOf(event)
    if (transcript === undefined) return undefined
    if (transcript.itemId === "" && transcript.isFinal) {
      // Without an id it is by its end that one is told from the next.
      this.byItem.delete(keyOf(transcript))
      this.unnamed.push(transcript)
    } else {
      this.byItem.set(keyOf(transcript), transcript)
    }
    return transcript
  }

  /** All, those that are final and those that are not, in the order in which they began. */
  all(): ReadonlyArray<Transcript> {
    return [...this.unnamed, ...this.byItem.values()]
  }
}
