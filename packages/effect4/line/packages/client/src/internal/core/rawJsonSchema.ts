/**
 * The JSON Schemas of Effect 3, of the Schemas of Effect 4. Those that Effect 4 makes are of what `Schema.toCodecJson` decodes,
 * which takes null for what may be left out, and "NaN" for a number.
 *
 * @internal
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { conditions } from "./jsonSchemaConditions.js"

/** A JSON Schema that refers to schemas by name. @internal */
export interface RawJsonSchema {
  readonly root: Record<string, unknown>
  readonly definitions: Readonly<Record<string, unknown>>
}

type Json = Record<string, unknown>

type Path = ReadonlyArray<PropertyKey>

const missing = (path: Path, wanted: string): Error => {
  const at = path.length === 0 ? "" : `\nat path: ${path.map((key) => `[${JSON.stringify(String(key))}]`).join("")}`
  return new Error(
    `Missing annotation${at}\ndetails: Generating a JSON Schema for this schema requires ${wanted} annotation`
  )
}

const isJson = (u: unknown): boolean => JSON.stringify(u) !== undefined

/** A value that an annotation gives, as it is written. */
const written = (ast: AST.AST, values: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const encode = Schema.encodeUnknownOption(Schema.make<Schema.Codec<unknown, unknown>>(ast))
  return values.flatMap((value) => Option.toArray(encode(value))).filter(isJson)
}

/** The standard's own annotations. */
const said = (ast: AST.AST, annotations: Schema.Annotations.Annotations | undefined): Json => {
  if (annotations === undefined) return {}
  const { default: given, description, examples, title } = annotations
  const defaults = given === undefined ? [] : written(ast, [given])
  const shown = Array.isArray(examples) ? written(ast, examples) : []
  return {
    ...(typeof description === "string" ? { description } : undefined),
    ...(typeof title === "string" ? { title } : undefined),
    ...(defaults.length === 0 ? undefined : { default: defaults[0] }),
    ...(shown.length === 0 ? undefined : { examples: shown })
  }
}

/** What is decoded here is written as another schema says. */
const writtenAs = (ast: AST.AST): AST.AST | undefined => ast.encoding?.at(-1)?.to

const lastOf = (ast: AST.AST): AST.AST => {
  const other = writtenAs(ast)
  return other === undefined ? ast : lastOf(other)
}

/** The schemas that stand in themselves, which have to have names. */
const recursiveIn = (root: AST.AST): ReadonlySet<AST.AST> => {
  const seen = new Set<AST.AST>()
  const out = new Set<AST.AST>()
  const visit = (ast: AST.AST): void => {
    if (seen.has(ast)) return
    seen.add(ast)
    const other = writtenAs(ast)
    if (other !== undefined) return visit(other)
    switch (ast._tag) {
      case "Suspend": {
        const target = ast.thunk()
        out.add(target)
        return visit(target)
      }
      case "Objects":
        for (const { type } of ast.propertySignatures) visit(type)
        for (const { type } of ast.indexSignatures) visit(type)
        return
      case "Arrays":
        return [...ast.elements, ...ast.rest].forEach(visit)
      case "Union":
        return ast.types.forEach(visit)
    }
  }
  visit(root)
  return out
}

const isUndefined = (ast: AST.AST): boolean => ast._tag === "Undefined"

/** What JSON has of a field: nothing in the place of `undefined`. */
const withoutUndefined = (ast: AST.AST): ReadonlyArray<AST.AST> =>
  ast._tag === "Union" && ast.encoding === undefined && ast.checks === undefined && ast.types.some(isUndefined)
    ? ast.types.filter((type) => !isUndefined(type))
    : [ast]

const never = "/schemas/never"

/** Values of one type are one list, and what takes anything takes all. */
const compact = (members: ReadonlyArray<Json>): ReadonlyArray<Json> => {
  const out: Array<Json> = []
  const isValue = (u: Json | undefined): u is Json & { readonly enum: ReadonlyArray<unknown> } =>
    u !== undefined && Array.isArray(u["enum"]) && "type" in u && Object.keys(u).length === 2
  for (const member of members) {
    if (member["$id"] === never) continue
    if (Object.keys(member).length === 0) return [member]
    const last = out.at(-1)
    if (isValue(member) && isValue(last) && last["type"] === member["type"]) {
      out[out.length - 1] = { type: last["type"], enum: [...last.enum, ...member.enum] }
    } else out.push(member)
  }
  return out
}

class Writer {
  readonly definitions: Json = {}

  constructor(private readonly recursive: ReadonlySet<AST.AST>) {}

  schema(ast: AST.AST, path: Path): Json {
    return this.recursive.has(ast) ? this.reference(ast, path) : this.whole(ast, path)
  }

  private reference(ast: AST.AST, path: Path): Json {
    const name = AST.resolve(ast)?.["identifier"] ?? ast.annotations?.["identifier"]
    if (typeof name !== "string") throw missing(path, "an \"identifier\"")
    if (!Object.hasOwn(this.definitions, name)) {
      this.definitions[name] = {}
      this.definitions[name] = this.whole(ast, path)
    }
    return { $ref: `#/$defs/${name.replaceAll("~", "~0").replaceAll("/", "~1")}` }
  }

  private whole(ast: AST.AST, path: Path): Json {
    const given = ast.annotations?.["jsonSchema"]
    if (typeof given === "object" && given !== null) {
      const isAll = ["type", "oneOf", "anyOf", "$ref"].some((key) => key in given)
      return isAll ? { ...given } : { ...this.bare(ast, path), ...given }
    }
    const other = writtenAs(ast)
    if (other !== undefined) return this.annotated(this.schema(other, path), said(ast, ast.annotations))
    return conditions(this.annotated(this.bare(ast, path), said(ast, ast.annotations)), ast)
  }

  private annotated(schema: Json, annotations: Json): Json {
    if (Object.keys(annotations).length === 0) return schema
    return "$ref" in schema ? { allOf: [schema], ...annotations } : { ...schema, ...annotations }
  }

  private bare(ast: AST.AST, path: Path): Json {
    switch (ast._tag) {
      case "Never":
        return { $id: never, not: {} }
      case "Any":
      case "Unknown":
      case "Void":
        return {}
      case "ObjectKeyword":
        return { anyOf: [{ type: "object" }, { type: "array" }] }
      case "Null":
        return { type: "null" }
      case "String":
        return this.text(ast)
      case "Number":
        return { type: "number" }
      case "Boolean":
        return { type: "boolean" }
      case "Literal":
        if (typeof ast.literal === "bigint") break
        if (ast.literal === null) return { type: "null" }
        return { type: typeof ast.literal, enum: [ast.literal] }
      case "Enum":
        return {
          $comment: "/schemas/enums",
          anyOf: ast.enums.map(([title, value]) => ({ type: typeof value, title, enum: [value] }))
        }
      case "TemplateLiteral": {
        const { pattern } = Schema.toJsonSchemaDocument(Schema.make(ast)).schema
        return { type: "string", description: "a template literal", pattern }
      }
      case "Arrays":
        return this.list(ast, path)
      case "Objects":
        return this.object(ast, path)
      case "Union":
        return this.oneOf(ast.types, path)
      case "Suspend":
        return this.schema(ast.thunk(), path)
    }
    throw missing(path, "a \"jsonSchema\"")
  }

  private oneOf(types: ReadonlyArray<AST.AST>, path: Path): Json {
    const members = compact(types.map((type) => this.schema(type, path)))
    const [first] = members
    return first === undefined ? { $id: never, not: {} } : members.length === 1 ? first : { anyOf: members }
  }

  private text({ annotations }: AST.AST): Json {
    const media = annotations?.["contentMediaType"]
    if (media !== undefined) return { type: "string", contentMediaType: media }
    // The words of Effect 3 for a text that is read as something else.
    const [, decoded] = /^a string that will be decoded as (.*)$/.exec(String(annotations?.["expected"])) ?? []
    return decoded === undefined
      ? { type: "string" }
      : { type: "string", description: `a string to be decoded into ${decoded}` }
  }

  private list(ast: AST.Arrays, path: Path): Json {
    const elements = ast.elements.map((type, i) => this.schema(type, [...path, i]))
    const [rest, ...others] = ast.rest
    if (others.length > 0) throw new Error("Generating a JSON Schema for post-rest elements is not supported")
    const minItems = ast.elements.filter(({ context }) => context?.isOptional !== true).length
    const some = elements.length === 0 ? {} : { minItems }
    if (rest === undefined) {
      return elements.length === 0
        ? { type: "array", maxItems: 0 }
        : { type: "array", ...some, items: elements, additionalItems: false }
    }
    const items = this.schema(rest, path)
    return ast.elements.every((type) => type === rest)
      ? { type: "array", ...some, items }
      : { type: "array", ...some, items: elements, additionalItems: items }
  }

  private object(ast: AST.Objects, path: Path): Json {
    if (ast.propertySignatures.length === 0 && ast.indexSignatures.length === 0) return { $id: "/schemas/%7B%7D" }
    const required: Array<string> = []
    const properties: Json = {}
    for (const { name, type } of ast.propertySignatures) {
      const at = [...path, name]
      if (typeof name !== "string") throw new Error(`Unsupported key, at path: [${String(name)}]`)
      const field = lastOf(type)
      const types = withoutUndefined(field)
      const schema = types[0] === field
        ? this.schema(type, at)
        : this.annotated(this.oneOf(types, at), said(type, type.annotations))
      properties[name] = this.annotated(schema, said(type, type.context?.annotations))
      if (field.context?.isOptional !== true && types[0] === field) required.push(name)
    }
    const out: Json = { type: "object", required, properties, additionalProperties: false }
    for (const { parameter, type } of ast.indexSignatures) {
      const values = this.schema(type, path)
      if (parameter === AST.string) out["additionalProperties"] = values["$id"] === never ? false : values
      else {
        delete out["additionalProperties"]
        out["patternProperties"] = { "": values }
        out["propertyNames"] = this.schema(parameter, path)
      }
    }
    return out
  }
}

/** The JSON Schema of what a Schema decodes. Throws where there is none. @internal */
export const ofSchema = ({ ast }: Schema.Top): RawJsonSchema => {
  const writer = new Writer(recursiveIn(ast))
  const root = writer.schema(ast, [])
  return { root, definitions: writer.definitions }
}
