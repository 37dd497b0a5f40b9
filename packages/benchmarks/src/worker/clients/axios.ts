import axios from "axios"
import { Agent } from "node:http"
import type { Readable } from "node:stream"
import { nativeRequest, paths } from "../../answers.js"
import { EventReader, requestHeaders, streamHeaders, textOf } from "../byHand.js"
import { inLoops, type Start } from "../client.js"

const path = `/api/v1${paths.native}`

export const start: Start = ({ connections, url }) => {
  const client = axios.create({
    baseURL: url,
    httpAgent: new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections })
  })
  return Promise.resolve({
    calls: inLoops(async () => {
      const { data } = await client.post<unknown>(path, nativeRequest(false), { headers: requestHeaders })
      return textOf(data)
    }),
    stream: async (onPiece) => {
      const { data } = await client.post<Readable>(path, nativeRequest(true), {
        headers: streamHeaders,
        responseType: "stream"
      })
      const reader = new EventReader(onPiece)
      for await (const chunk of data as AsyncIterable<Uint8Array>) reader.push(chunk)
    }
  })
}
