/**
 * What OCR models read, task by task.
 */
import { fnv } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asObject, asString } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import { invalid } from "../server/answer.js"

/** @internal */
export interface Reading {
  readonly text: string
  /** Beside the text, where the task gives a result. */
  readonly result: JsonObject
}

const digits = (seed: string, count: number): string =>
  Array.from({ length: count }, (_, i) => String(fnv(`${seed}/${i}`) % 10)).join("")

/** A value that fits what is said about it. */
const valueFor = (name: string, described: string): string => {
  const said = `${name} ${described}`
  if (/日期|年-月-日|date/i.test(said)) {
    return `20${10 + fnv(name) % 16}-${String(1 + fnv(`${name}m`) % 12).padStart(2, "0")}-${
      String(1 + fnv(`${name}d`) % 28).padStart(2, "0")
    }`
  }
  if (/金额|价格|合计|amount|price|total/i.test(said)) {
    return `${1 + fnv(name) % 999}.${digits(name, 2)}`
  }
  return /号|代码|数字|number|code|no\b/i.test(said) ? digits(name, 8) : `示例${name}`
}

const filled = (schema: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(schema).map(([name, inner]) => {
      const object = asObject(inner)
      return [name, object === undefined ? valueFor(name, asString(inner) ?? "") : filled(object)]
    })
  )

const lines = ["模拟服务读到的第一行", "The second line that the simulator reads"]

const words = lines.map((text, i) => ({
  rotate_rect: [200, 40 + 40 * i, 24, 320, 90],
  location: [40, 28 + 40 * i, 360, 28 + 40 * i, 360, 52 + 40 * i, 40, 52 + 40 * i],
  text
}))

const plain = (text: string): Reading => ({ text, result: {} })

const tasks: { readonly [task: string]: () => Reading } = {
  text_recognition: () => plain(lines.join("\n")),
  multi_lan: () => plain(lines.join("\n")),
  advanced_recognition: () => ({
    text: "```json\n" + JSON.stringify(words.map(({ rotate_rect, text }) => ({ rotate_rect, text }))) + "\n```",
    result: { ocr_result: { words_info: words } }
  }),
  table_parsing: () =>
    plain("```html\n<table><tr><td>项目</td><td>金额</td></tr><tr><td>示例</td><td>1.00</td></tr></table>\n```"),
  document_parsing: () => plain("```latex\n\\section{模拟文档}\n一段示例文字。\n```"),
  formula_recognition: () => plain("$$E = mc^2$$")
}

/**
 * The reading of an OCR model; `undefined` where the request asks for none.
 *
 * @internal
 */
export const ocrText = (model: string, parameters: JsonObject): Reading | Failure | undefined => {
  const options = asObject(parameters.ocr_options)
  if (options === undefined || !/-ocr/.test(model)) {
    return undefined
  }
  const task = asString(options.task) ?? ""
  if (task === "key_information_extraction") {
    const schema = asObject(asObject(options.task_config)?.result_schema)
    if (schema === undefined) {
      return invalid("The task key_information_extraction needs task_config.result_schema.")
    }
    const values = filled(schema)
    return {
      text: "```json\n" + JSON.stringify(values, null, 1) + "\n```",
      result: { ocr_result: { kv_result: values } }
    }
  }
  const read = Object.hasOwn(tasks, task) ? tasks[task] : undefined
  return read === undefined
    ? invalid(
      "The task of ocr_options should be one of key_information_extraction, " +
        `${Object.keys(tasks).join(", ")}, and not ${JSON.stringify(task)}.`
    )
    : read()
}
