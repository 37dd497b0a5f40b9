/** The site as it was built, served as a file server would. */
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join, posix } from "node:path"
import { pathOf } from "../pages.js"

export const dist = pathOf("packages/site/dist/")

if (!existsSync(`${dist}index.html`)) throw new Error("The site has not been built: npm run site")

/** The HTML pages, by their paths: `/zh/start.html`. */
export const pages: ReadonlyMap<string, string> = new Map(
  readdirSync(dist, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".html") && path !== "404.html")
    .map((path) => [`/${path}`, readFileSync(join(dist, path), "utf8")])
)

const entities: ReadonlyArray<readonly [string, string]> = [
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", "\""],
  ["&#39;", "'"],
  ["&amp;", "&"],
  // Behind each heading, beside its anchor.
  ["\u200b", ""]
]

/** What a reader without scripts sees. */
export const textOf = (html: string): string =>
  entities.reduce(
    (text, [entity, character]) => text.replaceAll(entity, character),
    html.replaceAll(/<(script|style)\b[^]*?<\/\1>/g, "").replaceAll(/<[^>]*>/g, "")
  ).replaceAll(/\s+/g, " ").trim()

/** The links of a page: where to, and the words one clicks on. */
export const linksOf = (html: string): ReadonlyArray<{ readonly href: string; readonly text: string }> =>
  Array.from(html.matchAll(/<a\b[^>]*?\bhref="([^"]*)"[^>]*>([^]*?)<\/a>/g), ([, href = "", inner = ""]) => ({
    href: href.replaceAll("&amp;", "&"),
    text: textOf(inner)
  }))

export const mainOf = (html: string): string =>
  /<div [^>]*id="VPContent"[^]*?(?=<footer class="VPFooter"|<\/body>)/.exec(html)?.[0] ?? ""

export interface Place {
  readonly page: string
  readonly anchor: string
}

/** A link of a page as a page and an anchor, where it stays on the site. */
export const resolve = (from: string, href: string): Place | undefined => {
  if (/^(?:[a-z]+:|\/\/)/.test(href)) return undefined
  const [path = "", anchor = ""] = href.split("#")
  const absolute = path === "" ? from : path.startsWith("/") ? path : posix.join(posix.dirname(from), path)
  return {
    page: absolute.endsWith("/") ? `${absolute}index.html` : absolute,
    anchor: decodeURIComponent(anchor)
  }
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json"
}

/** A file server on loopback, and no more. */
export const server = Effect.acquireRelease(
  Effect.async<{ readonly url: string; readonly close: () => void }>((resume) => {
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname)
      const file = join(dist, path.endsWith("/") ? `${path}index.html` : path)
      if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile()) {
        response.writeHead(404).end()
        return
      }
      response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain" }).end(readFileSync(file))
    })
    server.listen(0, "127.0.0.1", () =>
      resume(Effect.succeed({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () => {
          server.closeAllConnections()
          server.close()
        }
      })))
  }),
  ({ close }) => Effect.sync(close)
)
