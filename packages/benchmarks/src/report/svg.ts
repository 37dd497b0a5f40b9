/** Just enough of SVG for a chart. */
export type Attributes = Readonly<Record<string, string | number>>

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;")

const show = (value: string | number): string =>
  typeof value === "string" ? escape(value) : String(Math.round(value * 10) / 10)

/** An element; its children are elements already, or made with {@link text}. */
export const element = (name: string, attributes: Attributes, children: ReadonlyArray<string> = []): string => {
  const open = `<${name}${Object.entries(attributes).map(([key, value]) => ` ${key}="${show(value)}"`).join("")}`
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`
}

export const text = (x: number, y: number, content: string, attributes: Attributes = {}): string =>
  element("text", { x, y, ...attributes }, [escape(content)])

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes): string =>
  element("line", { x1, y1, x2, y2, ...attributes })

export interface Scale {
  (value: number): number
}

export const linear = (domain: readonly [number, number], range: readonly [number, number]): Scale => (value) =>
  range[0] + (value - domain[0]) / (domain[1] - domain[0]) * (range[1] - range[0])

export const logarithmic = (domain: readonly [number, number], range: readonly [number, number]): Scale => {
  const scale = linear([Math.log(domain[0]), Math.log(domain[1])], range)
  return (value) => scale(Math.log(Math.max(value, Number.MIN_VALUE)))
}

/** 1, 2 and 5 times the powers of ten, so that the first is not above and the last not below what they must hold. */
export const logTicks = (min: number, max: number): ReadonlyArray<number> => {
  const steps: Array<number> = []
  for (let power = Math.floor(Math.log10(min)) - 1; power <= Math.ceil(Math.log10(max)); power++) {
    for (const digit of [1, 2, 5]) steps.push(Number((digit * 10 ** power).toPrecision(1)))
  }
  const first = steps.filter((step) => step <= min).length - 1
  const last = steps.findIndex((step) => step >= max)
  return steps.slice(Math.max(0, first), last === -1 ? undefined : last + 1)
}

/** From zero to what holds the maximum, in four to six even steps. */
export const linearTicks = (max: number): ReadonlyArray<number> => {
  if (!(max > 0)) return [0, 1]
  const rough = max / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10)
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}
