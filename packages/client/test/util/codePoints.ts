import { FastCheck } from "effect"

const surrogates = { first: 0xd800, count: 0x800 }

const codeOf = (text: unknown): number => {
  const code = typeof text === "string" ? text.codePointAt(0) : undefined
  if (code === undefined || String.fromCodePoint(code) !== text) throw new Error("not one code point")
  return code < surrogates.first ? code : code - surrogates.count
}

/**
 * Any code point, as the unit of `FastCheck.string`. It is what `unit: "binary"` means too, but that one keeps all 1.1
 * million of them in a table, which takes each process over a second to fill.
 */
export const codePoint: FastCheck.Arbitrary<string> = FastCheck.integer({ min: 0, max: 0x10ffff - surrogates.count })
  .map((index) => String.fromCodePoint(index < surrogates.first ? index : index + surrogates.count), codeOf)
