import type { ResponseHead } from "../exchange/responseHead.js"

/** These have no body. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304])

/** @internal */
export const hasBody = (method: string, status: number): boolean => method !== "HEAD" && !bodiless.has(status)

const noReason = /[^\t\x20-\x7e\x80-\xff]/

/** What the constructor of `Response` cannot be told. */
interface Facts {
  readonly url: string
  readonly redirected: boolean
  readonly status: number
}

/** As own properties of a real `Response`, and of its clones. */
const withFacts = (response: Response, facts: Facts): Response => {
  const properties: PropertyDescriptorMap = {
    url: { value: facts.url },
    redirected: { value: facts.redirected },
    type: { value: "basic" },
    clone: { value: () => withFacts(Response.prototype.clone.call(response), facts) }
  }
  if (facts.status !== response.status) {
    properties["status"] = { value: facts.status }
    properties["ok"] = { value: false }
  }
  return Object.defineProperties(response, properties)
}

/** @internal */
export const makeResponse = (
  head: ResponseHead,
  body: ReadableStream<Uint8Array> | null,
  url: URL,
  redirected: boolean
): Response => {
  const { status, statusText } = head
  const response = new Response(body, {
    // It takes no others, and servers send them.
    status: status > 599 ? 500 : status,
    statusText: noReason.test(statusText) ? "" : statusText,
    headers: head.pairs
  })
  return withFacts(response, {
    url: url.hash === "" ? url.href : url.href.slice(0, -url.hash.length),
    redirected,
    status
  })
}
