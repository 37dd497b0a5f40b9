/**
 * Sizes of pictures, such as `1024*1024`.
 */

/** @internal */
export type Size = readonly [width: number, height: number]

/**
 * Both sides; `undefined` where the text is no size.
 *
 * @internal
 */
export const readSize = (text: unknown): Size | undefined => {
  const [, width, height] = typeof text === "string" ? /^(\d{2,4})\*(\d{2,4})$/.exec(text) ?? [] : []
  return width === undefined ? undefined : [Number(width), Number(height)]
}

/** @internal */
export const sizeText = ([width, height]: Size): string => `${width}*${height}`
