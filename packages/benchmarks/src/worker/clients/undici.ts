import { type Dispatcher, Pool } from "undici"
import { paths } from "../../answers.js"
import { checkStatus, EventReader, requestBody, requestHeaders, streamBody, streamHeaders, textOf } from "../byHand.js"
import { inLoops, type Start } from "../client.js"

type Particular = Pick<Dispatcher.RequestOptions, "headers" | "headersTimeout" | "bodyTimeout">

export const start: Start = ({ ca, connections, url }) => {
  const { origin, pathname } = new URL(url)
  const path = `${pathname}/api/v1${paths.native}`
  const pool = new Pool(origin, { connections, ...(ca === undefined ? undefined : { connect: { ca } }) })
  const callWith = (more: Particular) => async () => {
    const { body, statusCode } = await pool.request({
      path,
      method: "POST",
      headers: requestHeaders,
      body: requestBody(),
      ...more
    })
    checkStatus(statusCode)
    return textOf(await body.json())
  }
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
    particular: [
      inLoops(callWith({ headers: { ...requestHeaders, "x-tenant": "42" } })),
      inLoops(callWith({ headersTimeout: 120_000, bodyTimeout: 60_000 }))
    ],
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
