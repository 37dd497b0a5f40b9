import type { Summary } from "../statistics.js"

/** Two or three digits that mean something, and thousands in groups: `0.31`, `3.7`, `28`, `1,160`. */
export const format = (value: number): string => {
  if (!Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  const digits = size >= 20 ? 0 : size >= 1 ? 1 : 2
  return Number.isInteger(value)
    ? value.toLocaleString("en")
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** A ratio: `1.0×`, `7.4×`, `182×`. */
export const times = (value: number): string => `${value >= 20 ? format(value) : value.toFixed(value < 1 ? 2 : 1)}×`

export const spread = (summary: Summary, show: (value: number) => string): string =>
  summary.count === 1 ? show(summary.median) : `${show(summary.min)} – ${show(summary.max)}`
