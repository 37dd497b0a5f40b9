/**
 * One value that fits a JSON Schema: what a model that obeys the schema could have written. The same schema and hints
 * give the same value. Covers what tool parameters and response formats use, of draft 07 and of 2020-12.
 */
import type { JsonObject } from "./json.js"
import { asArray, asNumber, asObject, asString } from "./json.js"
import { samples } from "./matching.js"

/**
 * Values to prefer, in order, where the schema leaves room.
 *
 * @internal
 */
export interface Hints {
  readonly strings: ReadonlyArray<string>
  readonly numbers: ReadonlyArray<number>
  /** Where an `enum` value appears in this text, that value is taken. */
  readonly text: string
}

/** Past this depth only what is required is filled in, so that recursive schemas end. */
const shallow = 5
/** A schema that requires itself has no finite instance; a wrong one is better than none. */
const bottom = 24

class Filler {
  private strings = 0
  private numbers = 0

  constructor(readonly root: unknown, readonly hints: Hints) {}

  fill(schema: unknown, depth: number): unknown {
    const node = asObject(schema)
    if (node === undefined || depth > bottom) {
      return this.text({})
    }
    if (typeof node.$ref === "string") {
      // Effect writes refinements beside the reference that they refine.
      const { $ref, ...beside } = node
      return this.fill(this.merge(beside, [this.resolve($ref)]), depth + 1)
    }
    if ("const" in node) {
      return node.const
    }
    const values = asArray(node.enum)
    if (values !== undefined && values.length > 0) {
      return this.choose(values)
    }
    const all = asArray(node.allOf)
    if (all !== undefined && all.length > 0) {
      const { allOf: _, ...beside } = node
      return this.fill(this.merge(beside, all), depth + 1)
    }
    const branches = asArray(node.anyOf) ?? asArray(node.oneOf)
    if (branches !== undefined && branches.length > 0) {
      const { anyOf: _any, oneOf: _one, ...beside } = node
      return this.fill(this.merge(beside, [this.branch(branches, depth)]), depth + 1)
    }
    const examples = asArray(node.examples)
    if (examples !== undefined && examples.length > 0) {
      return examples[0]
    }
    switch (typeOf(node)) {
      case "object":
        return this.object(node, depth)
      case "array":
        return this.array(node, depth)
      case "integer":
        return this.number(node, true)
      case "number":
        return this.number(node, false)
      case "boolean":
        return true
      case "null":
        return null
      default:
        return this.text(node)
    }
  }

  private choose(values: ReadonlyArray<unknown>): unknown {
    const text = this.hints.text.toLowerCase()
    return values.find((value) => typeof value === "string" && value !== "" && text.includes(value.toLowerCase())) ??
      values[0]
  }

  private resolve(ref: string): unknown {
    let at: unknown = this.root
    for (const part of ref.replace(/^#\/?/, "").split("/")) {
      if (part !== "") {
        at = asObject(at)?.[decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")]
      }
    }
    return at
  }

  /** All of the parts in one schema; what stands beside them wins. */
  private merge(beside: JsonObject, parts: ReadonlyArray<unknown>): JsonObject {
    let merged = beside
    for (const one of parts) {
      let part = asObject(one)
      for (let hops = 0; part !== undefined && typeof part.$ref === "string" && hops < bottom; hops++) {
        const { $ref, ...own } = part
        part = { ...asObject(this.resolve($ref)), ...own }
      }
      const properties = { ...asObject(merged.properties), ...asObject(part?.properties) }
      const required = [...asArray(merged.required) ?? [], ...asArray(part?.required) ?? []]
      merged = {
        ...part,
        ...merged,
        ...(Object.keys(properties).length > 0 ? { properties } : {}),
        ...(required.length > 0 ? { required } : {})
      }
    }
    return merged
  }

  private branch(branches: ReadonlyArray<unknown>, depth: number): unknown {
    const isNull = (branch: unknown) => asObject(branch)?.type === "null"
    const isLeaf = (branch: unknown) => {
      const node = asObject(branch)
      return node !== undefined && !("$ref" in node) && !["object", "array"].includes(typeOf(node) ?? "")
    }
    return depth > shallow
      ? branches.find(isNull) ?? branches.find(isLeaf) ?? branches[0]
      : branches.find((branch) => !isNull(branch)) ?? branches[0]
  }

  private object(node: JsonObject, depth: number): JsonObject {
    const required = asArray(node.required) ?? []
    const filled: Record<string, unknown> = {}
    for (const [name, schema] of Object.entries(asObject(node.properties) ?? {})) {
      if (depth <= shallow || required.includes(name)) {
        filled[name] = this.fill(schema, depth + 1)
      }
    }
    const least = asNumber(node.minProperties) ?? 0
    for (let i = 1; Object.keys(filled).length < least; i++) {
      filled[`key${i}`] = this.fill(node.additionalProperties, depth + 1)
    }
    return filled
  }

  private array(node: JsonObject, depth: number): ReadonlyArray<unknown> {
    const heads = asArray(node.prefixItems) ?? asArray(node.items) ?? []
    const rest = asArray(node.prefixItems) !== undefined
      ? node.items
      : asArray(node.items) !== undefined
      ? node.additionalItems
      : node.items
    const least = asNumber(node.minItems) ?? 0
    const most = asNumber(node.maxItems) ?? Infinity
    const wanted = depth > shallow ? least : Math.max(least, heads.length, rest === undefined || rest === false ? 0 : 1)
    const filled: Array<unknown> = []
    while (filled.length < Math.min(wanted, most)) {
      filled.push(this.fill(heads[filled.length] ?? rest, depth + 1))
    }
    return filled
  }

  private number(node: JsonObject, whole: boolean): number {
    // Draft 04 wrote the exclusive bounds as booleans beside the bounds.
    const above = asNumber(node.exclusiveMinimum) ??
      (node.exclusiveMinimum === true ? asNumber(node.minimum) : undefined)
    const below = asNumber(node.exclusiveMaximum) ??
      (node.exclusiveMaximum === true ? asNumber(node.maximum) : undefined)
    const least = asNumber(node.minimum) ?? -Infinity
    const most = asNumber(node.maximum) ?? Infinity
    const step = asNumber(node.multipleOf) ?? (whole ? 1 : undefined)
    const fits = (n: number) =>
      n >= least && n <= most && (above === undefined || n > above) && (below === undefined || n < below) &&
      (step === undefined || Number.isInteger(n / step))
    const floor = Math.max(least, above ?? -Infinity)
    const roof = Math.min(most, below ?? Infinity)
    const start = Number.isFinite(floor) ? floor : Number.isFinite(roof) ? roof - 2 * (step ?? 1) : 0
    const grid = step === undefined ? [] : [0, 1, 2].map((i) => (Math.ceil(start / step) + i) * step)
    const middle = Number.isFinite(floor) && Number.isFinite(roof) ? [(floor + roof) / 2] : [start + 1, start]
    const hint = this.hints.numbers[this.numbers % Math.max(1, this.hints.numbers.length)]
    const candidates = [...(hint === undefined ? [] : [hint]), 1, 0, ...grid, ...middle]
    const chosen = candidates.find(fits) ?? start
    if (chosen === hint) {
      this.numbers++
    }
    return chosen
  }

  private text(node: JsonObject): string {
    const least = asNumber(node.minLength) ?? 0
    const most = asNumber(node.maxLength) ?? Infinity
    const format = asString(node.format)
    const known = format === undefined ? described(asString(node.description)) : formats.get(format)
    const pattern = asString(node.pattern)
    if (pattern !== undefined) {
      return matching(pattern, [...this.hints.strings, ...formats.values()], least, most)
    }
    if (known !== undefined) {
      return known
    }
    const hint = this.hints.strings[this.strings % Math.max(1, this.hints.strings.length)] ?? "text"
    this.strings++
    const long = hint.length >= least ? hint : hint.padEnd(least, ".")
    return long.length > most ? long.slice(0, most) : long
  }
}

const typeOf = (node: JsonObject): string | undefined => {
  const types = asArray(node.type)
  const type = types === undefined ? asString(node.type) : asString(types.find((one) => one !== "null") ?? types[0])
  return type ?? ("properties" in node ? "object" : "items" in node || "prefixItems" in node ? "array" : undefined)
}

const formats: ReadonlyMap<string, string> = new Map([
  ["date", "2025-01-01"],
  ["date-time", "2025-01-01T00:00:00.000Z"],
  ["time", "12:00:00Z"],
  ["duration", "P1D"],
  ["email", "someone@example.com"],
  ["hostname", "example.com"],
  ["ipv4", "192.0.2.1"],
  ["ipv6", "2001:db8::1"],
  ["uri", "https://example.com/"],
  ["url", "https://example.com/"],
  ["uuid", "00000000-0000-4000-8000-000000000000"]
])

/** What a model would read out of a description, where the schema does not say it. */
const described = (description: string | undefined): string | undefined =>
  description === undefined
    ? undefined
    : /\bdate\b/i.test(description)
    ? formats.get("date-time")
    : /decoded into a (number|bigint)/i.test(description)
    ? "1"
    : undefined

const matching = (pattern: string, candidates: ReadonlyArray<string>, least: number, most: number): string => {
  let regex: RegExp
  try {
    regex = new RegExp(pattern, "u")
  } catch {
    return candidates[0] ?? ""
  }
  const fits = (text: string) => text.length >= least && text.length <= most && regex.test(text)
  const found = candidates.find(fits)
  if (found !== undefined) {
    return found
  }
  try {
    const texts = samples(regex)
    return texts.find(fits) ?? texts[0] ?? ""
  } catch {
    // Not every construct of regular expressions is known.
    return candidates[0] ?? ""
  }
}

/** @internal */
export const jsonInstance = (schema: unknown, hints: Hints): unknown => new Filler(schema, hints).fill(schema, 0)
