import type { Answer } from "../server/answer.js"
import { raw } from "../server/answer.js"

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? sign)

/**
 * An error as object storage says it.
 *
 * @internal
 */
export const xmlError = (
  status: number,
  code: string,
  message: string,
  requestId: string,
  headers: { readonly [name: string]: string } = {},
  more: { readonly [name: string]: string } = {}
): Answer =>
  raw(
    status,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n" +
      `  <Code>${code}</Code>\n  <Message>${escaped(message)}</Message>\n  <RequestId>${requestId}</RequestId>\n` +
      "  <HostId>storage.simulator</HostId>\n" +
      Object.entries(more).map(([name, text]) => `  <${name}>${escaped(text)}</${name}>\n`).join("") + "</Error>\n",
    headers
  )
