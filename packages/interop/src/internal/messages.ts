/** What goes over WebSockets, to be compared as requests are. */
import type { RecordedMessage, RecordedRequest } from "effect-dashscope-simulator"

const actionOf = (text: string): string => /"action": ?"([a-z-]+)"/.exec(text)?.[1] ?? ""

/**
 * Every text message as a request with the address and the key of its handshake, its action as the method and the message as the
 * body, after the requests themselves. The `run-task` that the simulator records among those is one of them.
 */
export const withMessages = (
  requests: ReadonlyArray<RecordedRequest.RecordedRequest>,
  messages: ReadonlyArray<RecordedMessage.RecordedMessage>
): ReadonlyArray<RecordedRequest.RecordedRequest> => {
  const others = requests.filter(({ method }) => method !== "run-task")
  const handshakes = new Map(
    others.flatMap((request) =>
      request.headers["upgrade"] === undefined ? [] : [[request.connection, request] as const]
    )
  )
  return [
    ...others,
    ...messages.flatMap(({ arrivedAt, connection, text }) => {
      const handshake = handshakes.get(connection)
      if (handshake === undefined || text === undefined) return []
      const { authorization } = handshake.headers
      return [{ ...handshake, method: actionOf(text), headers: { authorization }, body: text, arrivedAt }]
    })
  ]
}
