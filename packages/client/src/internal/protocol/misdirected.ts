import { excerpt, scrub } from "../core/secrets.js"
import type { ErrorBody } from "./errorBody.js"

const longestAddress = 300

/**
 * What a redirect says. None is followed here: the key is for the endpoint alone. Of the address only the host is told,
 * since the rest may hold what only the caller may know.
 *
 * @internal
 */
export const redirect = (
  url: string,
  location: string | undefined,
  secrets: ReadonlyArray<string>
): ErrorBody => {
  const message = location === undefined || !URL.canParse(location, url)
    ? "a redirect that does not say where to"
    : describe(new URL(url), new URL(location, url))
  return { code: "", message: excerpt(scrub(message, secrets), longestAddress), requestId: undefined }
}

const describe = (from: URL, to: URL): string => {
  if (to.protocol !== "https:" && to.protocol !== "http:") return "a redirect to what is no web address"
  if (to.origin === from.origin) return "a redirect to another path of the same host; check the path of the endpoint"
  const remedy = to.host === from.host ?
    "write the endpoint with its scheme" :
    "if that is where the service is, give it as the endpoint"
  return `a redirect to ${to.origin}, which is not followed, as the key is for the endpoint alone; ${remedy}`
}

/**
 * Nothing was found: an error of the service says what, any other has at least the address.
 *
 * @internal
 */
export const withAddress = (
  error: ErrorBody,
  status: number,
  { method, url }: { readonly method: string; readonly url: string },
  secrets: ReadonlyArray<string>
): ErrorBody => {
  if ((status !== 404 && status !== 405) || error.code !== "") return error
  const address = excerpt(scrub(`${method} ${url}`, secrets), longestAddress)
  return { ...error, message: `${error.message} (asked for ${address}; check the endpoint)` }
}
