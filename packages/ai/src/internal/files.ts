/** Files of a prompt as parts of a request: by URL where there is one, else as bytes. */
import type * as Prompt from "@effect/ai/Prompt"
import * as Media from "effect-dashscope/Media"
import * as Message from "effect-dashscope/Message"
import * as MultiModalMessage from "effect-dashscope/MultiModalMessage"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"

export type Kind = "image" | "audio" | "video" | "document"

export const kindOf = (mediaType: string): Kind => {
  const [family] = mediaType.toLowerCase().split("/", 1)
  return family === "image" || family === "audio" || family === "video" ? family : "document"
}

/** What the service is told of a whole family of types, which it knows no name for. */
const exactTypes: Record<string, string> = { "image/*": "image/jpeg", "audio/*": "audio/wav", "video/*": "video/mp4" }

const exact = (mediaType: string): string => exactTypes[mediaType.toLowerCase()] ?? mediaType

/** Those that the service reads, and no `file:`: a path in a prompt may be anybody's. */
const sentAsItIs = /^(?:https?|oss|data):/i

const anyScheme = /^[a-z][a-z0-9+.-]*:/i

/** Where a file is, or itself; or what is wrong with it. */
const sourceOf = ({ data, mediaType }: Prompt.FilePart): Either.Either<Media.MediaUrl | Media.MediaBytes, string> => {
  if (data instanceof Uint8Array) return Either.right(Media.bytes(data, exact(mediaType)))
  const text = data instanceof URL ? data.href : data.trim()
  if (sentAsItIs.test(text)) return Either.right(Media.url(text))
  if (anyScheme.test(text)) {
    return Either.left(
      `a file of type ${mediaType} has a URL that the service cannot read (${
        text.slice(0, 40)
      }): give an https, oss or ` +
        "data URL, or its bytes"
    )
  }
  return Either.mapBoth(Encoding.decodeBase64(text), {
    onLeft: () => `a file of type ${mediaType} is neither a URL nor base64`,
    onRight: (bytes) => Media.bytes(bytes, exact(mediaType))
  })
}

/** As text: bytes become a data URL. */
const urlOf = (source: Media.MediaUrl | Media.MediaBytes): string =>
  source._tag === "MediaUrl" ? source.url : `data:${source.mediaType};base64,${Encoding.encodeBase64(source.bytes)}`

/** How the files of a prompt are written on one of the paths. */
export interface Dialect<out P> {
  readonly file: (part: Prompt.FilePart) => Either.Either<P, string>
}

export const text: Dialect<Message.ImageUrlPart | Message.DocUrlPart> = {
  file: (part) => {
    const kind = kindOf(part.mediaType)
    const { cacheControl, detail, fileParsingStrategy } = part.options.dashscope ?? {}
    if (kind === "audio" || kind === "video") {
      return Either.left(`a file of type ${part.mediaType} is for the multimodal path: leave out the setting path`)
    }
    return Either.flatMap(
      sourceOf(part),
      (source): Either.Either<Message.ImageUrlPart | Message.DocUrlPart, string> => {
        if (kind === "image") return Either.right(Message.imageUrl(urlOf(source), { detail, cacheControl }))
        return source._tag === "MediaUrl" && !/^data:/i.test(source.url)
          ? Either.right(Message.docUrl(source.url, { fileParsingStrategy, cacheControl }))
          : Either.left(
            `a document (${part.mediaType}) is sent by its URL only: upload it, or put its text into the prompt`
          )
      }
    )
  }
}

export const multimodal: Dialect<MultiModalMessage.Part> = {
  file: (part) => {
    const kind = kindOf(part.mediaType)
    if (kind === "document") {
      return Either.left(
        `a document (${part.mediaType}) is read on the text path only, by models such as qwen-doc-turbo, and not beside media`
      )
    }
    const { detail: _, fileParsingStrategy: __, ...options } = part.options.dashscope ?? {}
    const { cacheControl, enableRotate, fps, maxPixels, minPixels, totalPixels } = options
    return Either.map(sourceOf(part), (source): MultiModalMessage.Part => {
      switch (kind) {
        case "image":
          return MultiModalMessage.image(source, { minPixels, maxPixels, enableRotate, cacheControl })
        case "video":
          return MultiModalMessage.video(source, { fps, minPixels, maxPixels, totalPixels, cacheControl })
        case "audio":
          return MultiModalMessage.audio(source, { cacheControl })
      }
    })
  }
}
