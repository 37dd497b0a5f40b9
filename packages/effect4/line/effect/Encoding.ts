/** Bytes as text. */
import * as Base64 from "effect/encoding/Base64"
import * as Hex from "effect/encoding/Hex"

export const encodeBase64 = Base64.encode
export const decodeBase64 = Base64.decode
export const encodeHex = Hex.encode
