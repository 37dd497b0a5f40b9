import * as Head from "../core/head.js"

interface Output {
  readonly text?: string | null | undefined
  readonly workflowMessage?:
    | {
      readonly nodeId?: string | null | undefined
      readonly nodeMsgSeqId?: number | null | undefined
      readonly message?: { readonly content?: string | null | undefined } | null | undefined
    }
    | null
    | undefined
}

interface Result {
  readonly output: Output
}

/** The texts of a node, which may come in any order. */
class Node {
  private readonly texts: Array<readonly [number, string]> = []

  add(number: number | undefined, text: string): void {
    const last = this.texts[this.texts.length - 1]
    const at = number ?? (last === undefined ? 0 : last[0] + 1)
    this.texts.push([at, text])
    if (last !== undefined && last[0] > at) this.texts.sort(([a], [b]) => a - b)
  }

  get text(): string {
    return this.texts.map(([, text]) => text).join("")
  }
}

const withoutNothing = <A extends object>(self: A): Partial<A> => {
  const out: Partial<A> = { ...self }
  for (const key in out) {
    const value: unknown = out[key]
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) delete out[key]
  }
  return out
}

/**
 * Elements of a stream of increments, put together.
 *
 * @internal
 */
export class Total<A extends Result> {
  /** How much text there is, in characters. */
  size = 0
  private total: A | undefined
  private text = ""
  private readonly nodes = new Map<string, Node>()

  /** Adds an element to those so far. */
  add(result: A): void {
    const { text, workflowMessage } = result.output
    if (text) {
      this.text += text
      this.size += text.length
    }
    const content = workflowMessage?.message?.content
    if (content) {
      const id = workflowMessage?.nodeId ?? ""
      let node = this.nodes.get(id)
      if (node === undefined) {
        node = new Node()
        this.nodes.set(id, node)
      }
      node.add(workflowMessage?.nodeMsgSeqId ?? undefined, content)
      this.size += content.length
    }
    this.total = Head.attach(
      {
        ...this.total,
        ...withoutNothing(result),
        // What came earlier stays where this element has nothing in its place.
        output: { ...this.total?.output, ...withoutNothing(result.output) }
      } as A,
      Head.of(result)
    )
  }

  /** All so far; nothing where nothing came. */
  get(): A | undefined {
    const { total } = this
    if (total === undefined) return undefined
    const said = this.text + Array.from(this.nodes.values(), ({ text }) => text).join("")
    return Head.attach({ ...total, output: { ...total.output, text: said } }, Head.of(total))
  }
}
