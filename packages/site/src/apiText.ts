/** Whether a paragraph of an example's text is prose that follows its code, and no code. */
const isProse = (paragraph: string) => /^(?:\*\*|[-|] |`[^`]+` |[A-Z][a-z]*(?: |\.$|,))/.test(paragraph)

/** An example with a fence around its code, where it has none. */
const fenced = (example: string): string => {
  if (example.includes("```")) return example
  const paragraphs = example.trim().split(/\n(?:[ \t]*\n)+/)
  const end = paragraphs.findIndex(isProse)
  const [code, prose] = end < 0 ? [paragraphs, []] : [paragraphs.slice(0, end), paragraphs.slice(end)]
  return ["```ts\n" + code.join("\n\n") + "\n```", ...prose].join("\n\n")
}

/** A documentation comment whose examples have fences, so that TypeDoc sees where the code ends. */
const withFences = (comment: string): string => {
  const indent = /\n([ \t]*) \*/.exec(comment)?.[1] ?? ""
  const text = comment.replace(/^\/\*\*/, "").replace(/\*\/$/, "").split("\n")
    .map((line) => line.replace(/^[ \t]*\* ?/, "").trimEnd())
    .join("\n")
    .replaceAll(/^@example\n([^]*?)(?=^@\w|(?![^]))/gm, (_, example: string) => `@example\n${fenced(example)}\n\n`)
    .trim()
  return `/**\n${text.split("\n").map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */`
}

/** A source as TypeDoc wants it: with fences, and with a mark on the comment that is about the module. */
export const forTypeDoc = (source: string): string =>
  source
    // One between the module's comment and its imports would hide the former.
    .replaceAll(/^\/\* eslint-disable .*\n/gm, "")
    .replaceAll(/^[ \t]*\/\*\*\n[^]*?\*\//gm, (comment) => {
      const indent = /^[ \t]*/.exec(comment)?.[0] ?? ""
      return comment.includes("@example") ? indent + withFences(comment.slice(indent.length)) : comment
    })
    .replace(/^(\/\*\*[^]*?)\*\/(?=\s*(?:import|export \*|\/\*\*))/, "$1* @packageDocumentation\n */")

/** A page of TypeDoc without what says nothing here. */
export const tidy = (page: string): string => {
  let count = 0
  return page
    // A Schema's fields are inherited from its type, which is no news.
    .replaceAll(/^#+ Inherited from\n\n.*\n\n/gm, "")
    .replaceAll(/^#+ Extends(?: \{#.*\})?\n\n(?:- .*\n)+\n/gm, "")
    // A line instead of a section.
    .replaceAll(/^#+ Since(?: \{#.*\})?\n\n(\S+)\n/gm, "*Since $1*\n")
    // Headings that no link names get anchors that no name can take: an export may be called `parameters`.
    .replaceAll(/^(##+ .*[^}\n])$/gm, (heading) => `${heading} {#_${count++}}`)
}
