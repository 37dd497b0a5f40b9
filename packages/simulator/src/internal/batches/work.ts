/**
 * What becomes of the requests of a batch: each is answered as if it had been sent by itself.
 */
import { completeChat } from "../compatible/chat.js"
import { embedTexts } from "../compatible/service.js"
import { digest, uuid } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import type { Answer } from "../server/answer.js"
import { inDialect, openAiError } from "../server/errors.js"
import type { Incoming } from "../server/incoming.js"
import type { InputLine } from "./input.js"
import { testEndpoint } from "./input.js"

/** Lines of the files of results. @internal */
export interface Done {
  readonly output: ReadonlyArray<string>
  readonly errors: ReadonlyArray<string>
}

const testAnswer = (requestId: string, now: number): JsonObject => ({
  created: Math.floor(now / 1000),
  usage: { completion_tokens: 20, prompt_tokens: 20, total_tokens: 40 },
  model: "batch-test-model",
  id: `chatcmpl-${requestId}`,
  choices: [{
    finish_reason: "stop",
    index: 0,
    message: { content: "This is a test result." }
  }],
  object: "chat.completion"
})

const answerOf = (endpoint: string, body: JsonObject, incoming: Incoming): Answer => {
  const asked: Incoming = {
    ...incoming,
    streamed: false,
    body: { text: JSON.stringify(body), form: undefined, size: 0 }
  }
  return endpoint === "/v1/embeddings" ? embedTexts(asked) : completeChat(asked)
}

const responded = (customId: string, requestId: string, status: number, body: JsonObject, error: JsonObject | null) =>
  JSON.stringify({
    id: requestId,
    custom_id: customId,
    response: { status_code: status, request_id: requestId, body },
    error
  })

const streamed: Answer = {
  _tag: "Failure",
  status: 400,
  code: "invalid_parameter_error",
  message: "Streaming is not supported in batches.",
  shape: "openai"
}

/**
 * Works off requests. The answers come in another order than the requests.
 *
 * @internal
 */
export const workOff = (
  lines: ReadonlyArray<InputLine>,
  endpoint: string,
  batchId: string,
  incoming: Incoming
): Done => {
  const output: Array<string> = []
  const errors: Array<string> = []
  for (const { body, customId } of lines) {
    const requestId = uuid(digest(`${batchId}/${customId}`))
    if (endpoint === testEndpoint) {
      output.push(responded(customId, requestId, 200, testAnswer(requestId, incoming.now), null))
      continue
    }
    const answer = body.stream === true ? streamed : answerOf(endpoint, body, { ...incoming, requestId })
    if (answer._tag === "Success") {
      output.push(responded(customId, requestId, 200, answer.whole(), null))
    } else if (answer._tag === "Failure") {
      const failure = inDialect(answer, "openai")
      const { code, message } = failure
      errors.push(responded(customId, requestId, failure.status, openAiError(failure), { code, message }))
    }
  }
  return { output: output.reverse(), errors: errors.reverse() }
}
