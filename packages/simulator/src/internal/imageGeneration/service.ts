/**
 * Images from messages, as a task: `/services/aigc/image-generation/generation`. The older model for styles, which takes a
 * picture of a person, lives here too.
 */
import { asNumber, asString } from "../core/json.js"
import { checkMedium } from "../core/media.js"
import { isServedAs } from "../core/models.js"
import { sizeText } from "../core/size.js"
import { imageUrl } from "../imageSynthesis/service.js"
import { choice, partsInTurn, readPictures } from "../multiModalConversation/pictures.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { inputOf, modelOf, modelRoute, urlError } from "../server/route.js"
import { chinaTime } from "../tasks/life.js"
import { asynchronousOnly, submitTask } from "../tasks/store.js"
import { resolver } from "../upload/service.js"

const takesMessages = /^(?:wan2\.[6-9]-(?:t2i|image)|qwen-image|z-image)/

const withoutFailures = <A>(failures: ReadonlyArray<unknown>, of: (index: number) => A): ReadonlyArray<A> =>
  failures.flatMap((failure, i) => failure === undefined ? [of(i)] : [])

const fromMessages = (request: ApiRequest, incoming: Incoming): Answer => {
  const wanted = readPictures(request, incoming)
  if ("_tag" in wanted) {
    return wanted
  }
  const { size, text } = wanted
  return submitTask(incoming, {
    model: modelOf(request),
    // This form tells no metrics.
    isCounted: false,
    subTasks: wanted.isInterleaved ? 2 : wanted.count,
    result: (failures) => {
      const urls = withoutFailures(failures, (i) => imageUrl(incoming, i, size))
      return {
        output: {
          finished: true,
          choices: wanted.isInterleaved
            ? [choice(partsInTurn(urls, text))]
            : urls.map((image) => choice([{ image, type: "image" }]))
        },
        usage: { image_count: urls.length, size: sizeText(size) }
      }
    }
  }, inputOf(request))
}

const styles = { least: -1, most: 40 }

const inStyle = (request: ApiRequest, incoming: Incoming): Answer => {
  const [input, model] = [inputOf(request), modelOf(request)]
  const style = asNumber(input.style_index)
  if (style === undefined || !Number.isInteger(style) || style < styles.least || style > styles.most) {
    return invalid(`Range of style_index should be [${styles.least}, ${styles.most}]`)
  }
  const wrong = checkMedium("image", asString(input.image_url) ?? "", resolver(incoming, model))
  return wrong ?? submitTask(incoming, {
    model,
    result: () => ({
      output: {
        start_time: chinaTime(incoming.now).slice(0, 19),
        style_index: style,
        error_code: 0,
        error_message: "Success",
        results: [{ url: imageUrl(incoming, 0, [1024, 1024]) }]
      },
      usage: { image_count: 1 }
    })
  }, input)
}

const submit = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  return asynchronousOnly(incoming) ?? (takesMessages.test(model)
    ? fromMessages(request, incoming)
    : isServedAs(model, "image-style")
    ? inStyle(request, incoming)
    : urlError)
}

/** @internal */
export const imageGenerationRoutes = [modelRoute("/api/v1/services/aigc/image-generation/generation", submit)]
