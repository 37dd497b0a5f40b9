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
 * A host of one workspace's own, which the service recommends for production:
 * `https://{workspaceId}.{region}.maas.aliyuncs.com`.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkspaceEndpoint {
  readonly workspaceId: string
  /** Such as `cn-beijing`, `ap-southeast-1`, `us-east-1`, `cn-hongkong`, `eu-central-1`, `ap-northeast-1`. */
  readonly region: string
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

const fromUrl = (url: string): Either.Either<string, string> => {
  if (!clean.test(url) || !URL.canParse(url)) {
    return Either.left(
      `neither a URL nor one of ${Object.keys(hosts).join(", ")}; write "https://host/api/v1", for example`
    )
  }
  const { hash, origin, password, pathname, protocol, search, username } = new URL(url)
  if (protocol !== "https:" && protocol !== "http:") return Either.left("the URL must start with https:// or http://")
  if (username !== "" || password !== "") return Either.left("the URL must hold no user name and no password")
  if (search !== "" || hash !== "") return Either.left("the URL must have no query and no fragment")
  return Either.right(origin + (pathname === "/" ? path : pathname.replace(/\/$/, "")))
}

/**
 * The URL before a service's path, such as `https://dashscope.aliyuncs.com/api/v1`, or what is wrong with the endpoint.
 *
 * @since 0.1.0
 * @category combinators
 */
export const toBaseUrl = (endpoint: Endpoint): Either.Either<string, string> => {
  if (typeof endpoint === "string") {
    return isRegion(endpoint) ? Either.right(`https://${hosts[endpoint]}${path}`) : fromUrl(endpoint)
  }
  const { region, workspaceId } = endpoint
  if (!label.test(workspaceId)) return Either.left("the workspaceId can be no part of a host name")
  return label.test(region) ?
    Either.right(`https://${workspaceId}.${region}.maas.aliyuncs.com${path}`) :
    Either.left("the region can be no part of a host name")
}
