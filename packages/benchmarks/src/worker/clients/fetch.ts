import { paths } from "../../answers.js"
import { checkStatus, EventReader, requestBody, requestHeaders, streamBody, streamHeaders, textOf } from "../byHand.js"
import { inLoops, type Start } from "../client.js"

export const start: Start = ({ url }) => {
  const target = `${url}/api/v1${paths.native}`
  return Promise.resolve({
    calls: inLoops(async () => {
      const response = await fetch(target, { method: "POST", headers: requestHeaders, body: requestBody() })
      checkStatus(response.status)
      return textOf(await response.json())
    }),
    stream: async (onPiece) => {
      const response = await fetch(target, { method: "POST", headers: streamHeaders, body: streamBody() })
      checkStatus(response.status)
      if (response.body === null) throw new Error("no body")
      const reader = new EventReader(onPiece)
      for await (const chunk of response.body) reader.push(chunk)
    }
  })
}
