/** The pieces of the audio that is spoken beside a text, put together. */
import * as Either from "effect/Either"
import type { ResultAudio } from "../../GenerationResult.js"
import { last, type Nullish, overhead, Rest } from "./text.js"

/** Pieces of base64 as one. Those that end within a group of three bytes have to be joined as bytes. */
const joined = (pieces: ReadonlyArray<string>): string => {
  const isAligned = pieces.every((piece, i) =>
    i === pieces.length - 1 || (piece.length % 4 === 0 && !piece.endsWith("="))
  )
  const text = pieces.join("")
  if (isAligned) return text
  // The functions of the platform, and not Effect's `Encoding`: those who only ask for text would carry it too.
  return Either.getOrElse(Either.try(() => btoa(pieces.map((piece) => atob(piece)).join(""))), () => text)
}

/**
 * Audio comes in pieces, of which each is base64 of its own, whatever the text beside it holds.
 *
 * @internal
 */
export class AudioTotal {
  private readonly rest = new Rest()
  private pieces: Array<string> = []
  private data: Nullish<string> = undefined

  add(audio: ResultAudio): number {
    let size = 0
    for (const key in audio) {
      if (key !== "data") {
        this.rest.add(key, Reflect.get(audio, key))
      } else if (audio.data) {
        this.pieces.push(audio.data)
        size += overhead + 2 * audio.data.length
      } else {
        this.data = last(this.data, audio.data)
      }
    }
    return size
  }

  get(): ResultAudio {
    if (this.pieces.length > 0) this.pieces = [joined(this.pieces)]
    const [data = this.data] = this.pieces
    return { ...this.rest.get(), ...(data === undefined ? undefined : { data }) }
  }
}
