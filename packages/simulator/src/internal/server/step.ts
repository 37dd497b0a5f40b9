/**
 * The steps that a plan is made of.
 */

/** @internal */
export type Headers = { readonly [name: string]: string }

/**
 * - `Reply`: head, body and end at once.
 * - `Stall`: nothing more, until the client or the simulator's scope ends the connection.
 * - `Close`: a FIN when all is sent, also where more was announced. `Reset`: the same with a RST.
 *
 * @internal
 */
export type Step =
  | { readonly _tag: "Wait"; readonly millis: number }
  | { readonly _tag: "Informational" }
  | { readonly _tag: "Head"; readonly status: number; readonly headers: Headers }
  | { readonly _tag: "Reply"; readonly status: number; readonly headers: Headers; readonly body: string | Uint8Array }
  | { readonly _tag: "Write"; readonly bytes: Uint8Array }
  | { readonly _tag: "End" }
  | { readonly _tag: "Stall" }
  | { readonly _tag: "Close" }
  | { readonly _tag: "Reset" }

/** @internal */
export const end: Step = { _tag: "End" }
/** @internal */
export const stall: Step = { _tag: "Stall" }
/** @internal */
export const close: Step = { _tag: "Close" }
/** @internal */
export const reset: Step = { _tag: "Reset" }
/** @internal */
export const wait = (millis: number): Step => ({ _tag: "Wait", millis })
/** @internal */
export const write = (bytes: Uint8Array): Step => ({ _tag: "Write", bytes })
/** @internal */
export const writeText = (text: string): Step => write(Buffer.from(text))

/** @internal */
export const noHeaders: Headers = {}
