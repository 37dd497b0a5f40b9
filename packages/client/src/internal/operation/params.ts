/**
 * From a service's parameters to the body of its request, by a table of names.
 *
 * @internal
 */
import { didYouMean } from "effect-http-pool/Names"
import * as Either from "effect/Either"
import type { InputRequired } from "../../DashScopeError.js"
import type { RequestBody } from "../../Envelope.js"
import { isRecord } from "../core/record.js"
import { inputRequired } from "../protocol/invalid.js"

export {
  /** @internal */
  inputRequired as invalid
}

/** @internal What the parameters of every service may have beside their own. */
export interface Extra {
  /** Parameters that have no name here, under their wire names; they win over those that have one. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** The same for the input. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

/** @internal Wire names of a nested object's fields. */
export type Names<A> = { readonly [K in keyof A]-?: string }

/** @internal Where a parameter goes, and what it is called there. */
export interface Field<V> {
  /** `path`: not in the body. */
  readonly place: "path" | "top" | "input" | "parameters"
  readonly name: string
  /** Of an object: the wire names of its fields. */
  readonly names?: Readonly<Record<string, string>> | undefined
  // A method, so that a table of all rows can be read as one of rows of anything.
  write?(value: V): unknown
}

/** @internal A row for every parameter there is. */
export type Fields<P> = { readonly [K in Exclude<keyof P, keyof Extra>]-?: Field<NonNullable<P[K]>> }

const at = (place: Field<unknown>["place"]) => <V>(name: string, write?: (value: V) => unknown): Field<V> => ({
  place,
  name,
  ...(write === undefined ? undefined : { write })
})

/** @internal A field of `input`. */
export const input = at("input")

/** @internal A field of `parameters`. */
export const parameter = at("parameters")

/** @internal A part of the path, and not of the body. */
export const path = <V>(): Field<V> => ({ place: "path", name: "" })

/** @internal A field of the body itself. */
export const top = at("top")

/** @internal A field that is an object with fields of its own. */
export const struct = <V extends object>(field: Field<V>, names: Names<V>): Field<V> => ({ ...field, names })

/** @internal Whether there is nothing to send: no text, or nothing but spaces; an empty list. */
export const isEmpty = (u: string | ReadonlyArray<unknown> | undefined | null): boolean =>
  u === undefined || u === null || (typeof u === "string" ? u.trim() === "" : u.length === 0)

/** @internal */
export const modelRequired = (model: string | undefined, example: string): InputRequired | undefined =>
  isEmpty(model) ? inputRequired("model", `a model is required, such as ${JSON.stringify(example)}`) : undefined

/** @internal The field `texts` of what embeds texts. */
export const textsRequired = (texts: unknown): InputRequired | undefined => {
  if (!Array.isArray(texts) || texts.length === 0) {
    return inputRequired("texts", "nothing to send: give at least one text")
  }
  const bad = texts.findIndex((text: unknown) => typeof text !== "string" || text === "")
  return bad < 0 ? undefined : inputRequired(`texts[${bad}]`, "must be a text that is not empty")
}

/** @internal An id as a part of a path. */
export const id = (field: string, value: string): Either.Either<string, InputRequired> =>
  isEmpty(value) ? Either.left(inputRequired(field, "an id is required")) : Either.right(encodeURIComponent(value))

const unknown = (name: string, known: ReadonlyArray<string>): InputRequired =>
  inputRequired(
    name,
    `there is no such parameter${didYouMean(name, known)}; one that has no name here goes into "extra" or "extraInput"`
  )

/** @internal The fields of an object under their wire names. What has no name here is refused. */
export const rename = (
  path: string,
  value: unknown,
  names: Readonly<Record<string, string>>
): Either.Either<unknown, InputRequired> => {
  if (!isRecord(value)) return Either.right(value)
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue
    const name = Object.hasOwn(names, key) ? names[key] : undefined
    if (name === undefined) {
      return Either.left(unknown(`${path}.${key}`, Object.keys(names).map((name) => `${path}.${name}`)))
    }
    out[name] = value[key]
  }
  return Either.right(out)
}

/**
 * Parameters as the body of a request. One that nobody knows, or a number that is none, is refused; what else is wrong with
 * them is for the service's own checks to say, before or after.
 *
 * @internal
 */
export const encode = <P extends Extra>(params: P, fields: Fields<P>): Either.Either<RequestBody, InputRequired> => {
  const table: Readonly<Record<string, Field<unknown>>> = fields
  const places: Record<Field<unknown>["place"], Record<string, unknown>> = {
    path: {},
    top: {},
    input: {},
    parameters: {}
  }
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || key === "extra" || key === "extraInput") continue
    const field = Object.hasOwn(table, key) ? table[key] : undefined
    if (field === undefined) return Either.left(unknown(key, Object.keys(table)))
    // JSON would write it as null, which means something else.
    if (typeof value === "number" && !Number.isFinite(value)) {
      return Either.left(inputRequired(key, "must be a finite number"))
    }
    let written: unknown = value
    if (field.names !== undefined) {
      const renamed = rename(key, value, field.names)
      if (Either.isLeft(renamed)) return Either.left(renamed.left)
      written = renamed.right
    } else if (field.write !== undefined) {
      written = field.write(value)
    }
    places[field.place][field.name] = written
  }
  const rows = Object.values(table)
  const hasPlace = (place: Field<unknown>["place"]) => rows.some((row) => row.place === place)
  return Either.right({
    ...places.top,
    ...(hasPlace("input") || params.extraInput !== undefined
      ? { input: { ...places.input, ...params.extraInput } }
      : undefined),
    ...(hasPlace("parameters") || params.extra !== undefined
      ? { parameters: { ...places.parameters, ...params.extra } }
      : undefined)
  })
}
