/**
 * Where the service is: a region by name, a workspace's own host, or any URL.
 *
 * A key belongs to one region; on the host of another the service refuses it (401 `InvalidApiKey`).
 *
 * Source: "Base URL overview".
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"

/**
 * - `beijing`: `https://dashscope.aliyuncs.com` (the default of the official SDKs)
 * - `singapore`: `https://dashscope-intl.aliyuncs.com`
 * - `virginia`: `https://dashscope-us.aliyuncs.com`
 * - `hongkong`: `https://cn-hongkong.dashscope.aliyuncs.com`
 * - `finance`: `https://dashscope-finance.aliyuncs.com`
 *
 * @since 0.1.0
 * @category models
 */
export type Region = "beijing" | "singapore" | "virginia" | "hongkong" | "finance"

/**
 * Where a workspace's own host is. Frankfurt (`eu-central-1`) and Tokyo (`ap-northeast-1`) have no other.
 *
 * @since 0.1.0
 * @category models
 */
export type WorkspaceRegion =
  | "cn-beijing"
  | "ap-southeast-1"
  | "us-east-1"
  | "cn-hongkong"
  | "eu-central-1"
  | "ap-northeast-1"
  | (string & {})

/**
 * A host of one workspace's own, which the service recommends for production:
 * `https://{workspaceId}.{region}.maas.aliyuncs.com`. The shared hosts of that kind have a name in the place of the id:
 * `trial`, `token-plan`.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkspaceEndpoint {
  /** A letter or digit, then up to 63 more, `-` and `_`, as in the official SDKs. */
  readonly workspaceId: string
  readonly region: WorkspaceRegion
}

/**
 * A region, a workspace's host, or the URL of a gateway or simulator. A URL without a path gets `/api/v1`; one with a
 * path is taken as it is, less one trailing slash.
 *
 * @since 0.1.0
 * @category models
 */
export type Endpoint = Region | WorkspaceEndpoint | (string & {})

const hosts: { readonly [region in Region]: string } = {
  beijing: "dashscope.aliyuncs.com",
  singapore: "dashscope-intl.aliyuncs.com",
  virginia: "dashscope-us.aliyuncs.com",
  hongkong: "cn-hongkong.dashscope.aliyuncs.com",
  finance: "dashscope-finance.aliyuncs.com"
}

const isRegion = (s: string): s is Region => Object.hasOwn(hosts, s)

/**
 * The endpoint that is taken where nothing else is said.
 *
 * @since 0.1.0
 * @category constructors
 */
export const defaultEndpoint: Region = "beijing"

const path = "/api/v1"
// Nothing that URL would drop or encode without a word.
const clean = /^[\x21-\x7e]+$/
const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
// The rule of the official SDKs, wider than DNS has it.
const workspace = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

const nativePath = /\/api\/v\d+$/

const left = (problem: string): Either.Either<never, string> => Either.left(problem)

/** Paths of the service that are no base of its native API, and what they are. */
const elsewhere: ReadonlyArray<readonly [RegExp, string]> = [
  [/\/compatible-(?:mode|api)(?=\/|$)/, "the base of the OpenAI-compatible mode, which speaks another protocol"],
  [/\/apps\/anthropic(?=\/|$)/, "the base of the Anthropic-compatible mode, which speaks another protocol"],
  [/\/api-ws(?=\/|$)/, "the base of the WebSocket API, which speaks another protocol"],
  [/(?<=\/api\/v\d+)\/[^/].*$|\/services\/(?:aigc|audio|embeddings|nlp|rerank)\/.*$/, "the whole path of a call"],
  [/\/chat\/completions$|\/(?:completions|responses|embeddings)$/, "the whole path of a call in another protocol"]
]

/** What is wrong with the path of a base URL, and what to write in its place. */
const pathProblem = ({ hostname, origin, pathname }: URL): string | undefined => {
  for (const [pattern, what] of elsewhere) {
    const at = pathname.search(pattern)
    if (at < 0) continue
    const before = pathname.slice(0, at)
    const base = nativePath.test(before) ? before : before.replace(/\/v\d+$/, "") + path
    return `this is ${what}; give the base of the native API as the endpoint: "${origin}${base}"`
  }
  // On the service's own hosts a bare version is the base of the plans that speak OpenAI's protocol.
  return /[.]aliyuncs[.]com$/.test(hostname) && /^\/v\d+\/?$/.test(pathname)
    ? `this is the base of another protocol; give the base of the native API as the endpoint: "${origin}${path}"`
    : undefined
}

const fromUrl = (url: string): Either.Either<string, string> => {
  if (!clean.test(url) || !URL.canParse(url)) {
    return left(
      `neither a URL nor one of ${Object.keys(hosts).join(", ")}; write "https://host/api/v1", for example`
    )
  }
  const parsed = new URL(url)
  const { hash, origin, password, pathname, protocol, search, username } = parsed
  if (protocol !== "https:" && protocol !== "http:") return left("the URL must start with https:// or http://")
  if (username !== "" || password !== "") return left("the URL must hold no user name and no password")
  if (search !== "" || hash !== "") return left("the URL must have no query and no fragment")
  const problem = pathProblem(parsed)
  return problem === undefined
    ? Either.right(origin + (pathname === "/" ? path : pathname.replace(/\/$/, "")))
    : left(problem)
}

/**
 * The URL before a service's path, such as `https://dashscope.aliyuncs.com/api/v1`, or what is wrong with the endpoint:
 * the base of another protocol, for one, or the whole path of a call.
 *
 * @since 0.1.0
 * @category combinators
 */
export const toBaseUrl = (endpoint: Endpoint): Either.Either<string, string> => {
  // Callers without types may give anything.
  const given: unknown = endpoint
  if (typeof given === "string") {
    return isRegion(given) ? Either.right(`https://${hosts[given]}${path}`) : fromUrl(given)
  }
  if (typeof given !== "object" || given === null) return left("must be a region, a URL, or a workspace and its region")
  const { region, workspaceId } = given as Partial<Record<keyof WorkspaceEndpoint, unknown>>
  if (typeof workspaceId !== "string" || !workspace.test(workspaceId)) {
    return left("the workspaceId must be a letter or digit, and up to 63 more of those, - and _")
  }
  return typeof region === "string" && label.test(region) ?
    Either.right(`https://${workspaceId}.${region}.maas.aliyuncs.com${path}`) :
    left("the region must be a part of a host name, such as cn-beijing or ap-southeast-1")
}
