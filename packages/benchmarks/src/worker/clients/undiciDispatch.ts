import { type Dispatcher, Pool } from "undici"
import { paths } from "../../answers.js"
import { checkStatus, EventReader, requestBody, requestHeaders, streamBody, streamHeaders, textOf } from "../byHand.js"
import { inLoops, type Start } from "../client.js"

/** A handler that hands on the bytes; it is all there is between the socket and the caller. */
const handler = (
  onData: (bytes: Buffer) => void,
  onEnd: () => void,
  onError: (error: unknown) => void
): Dispatcher.DispatchHandler => ({
  onRequestStart: () => {},
  onResponseStart: (_controller, status) => checkStatus(status),
  onResponseData: (_controller, chunk) => onData(chunk),
  onResponseEnd: onEnd,
  onResponseError: (_controller, error) => onError(error)
})

export const start: Start = ({ ca, connections, url }) => {
  const { origin, pathname } = new URL(url)
  const path = `${pathname}/api/v1${paths.native}`
  const pool = new Pool(origin, { connections, ...(ca === undefined ? undefined : { connect: { ca } }) })
  return Promise.resolve({
    calls: inLoops(() =>
      new Promise((resolve, reject) => {
        const chunks: Array<Buffer> = []
        pool.dispatch(
          { path, method: "POST", headers: requestHeaders, body: requestBody() },
          handler(
            (chunk) => chunks.push(chunk),
            () => {
              const [first] = chunks
              const bytes = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
              try {
                resolve(textOf(JSON.parse(bytes.toString("utf8"))))
              } catch (error) {
                reject(error instanceof Error ? error : new Error(String(error)))
              }
            },
            reject
          )
        )
      })
    ),
    stream: (onPiece) =>
      new Promise((resolve, reject) => {
        const reader = new EventReader(onPiece)
        pool.dispatch(
          { path, method: "POST", headers: streamHeaders, body: streamBody() },
          handler((chunk) => reader.push(chunk), resolve, reject)
        )
      })
  })
}
