import { Pool } from "undici"
import { paths } from "../../answers.js"
import { checkStatus, EventReader, requestBody, requestHeaders, streamBody, streamHeaders, textOf } from "../byHand.js"
import { inLoops, type Start } from "../client.js"

export const start: Start = ({ connections, url }) => {
  const { origin, pathname } = new URL(url)
  const path = `${pathname}/api/v1${paths.native}`
  const pool = new Pool(origin, { connections })
  return Promise.resolve({
    calls: inLoops(async () => {
      const { body, statusCode } = await pool.request({
        path,
        method: "POST",
        headers: requestHeaders,
        body: requestBody()
      })
      checkStatus(statusCode)
      return textOf(await body.json())
    }),
    stream: async (onPiece) => {
      const { body, statusCode } = await pool.request({
        path,
        method: "POST",
        headers: streamHeaders,
        body: streamBody()
      })
      checkStatus(statusCode)
      const reader = new EventReader(onPiece)
      for await (const chunk of body as AsyncIterable<Uint8Array>) reader.push(chunk)
    }
  })
}
