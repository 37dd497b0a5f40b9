import type { Answer } from "../server/answer.js"
import { raw } from "../server/answer.js"

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? sign)

/**
 * An error as object storage says it.
 *
 * @internal
 */
export const xmlError = (status: number, code: string, message: string, requestId: string): Answer =>
  raw(
    status,
    "application/xml",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n" +
      `  <Code>${code}</Code>\n  <Message>${escaped(message)}</Message>\n  <RequestId>${requestId}</RequestId>\n` +
      "  <HostId>storage.simulator</HostId>\n</Error>\n"
  )
