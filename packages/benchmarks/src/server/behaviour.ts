/**
 * How the server answers is the first segment of the path, so that any client can be told through its base URL.
 *
 * - `d<ms>`: an answer after that many milliseconds; `d0` at once
 * - `m<events>`: an answer at once, or a stream of so many events where the request asks for one
 * - `hold`: an answer at once, unless answers are being held back
 * - `s<events>`: a stream as fast as it is read
 * - `s<events>p<ms>`: a stream with so many milliseconds between its events
 */
export type Behaviour =
  | { readonly _tag: "Answer"; readonly delayMillis: number }
  | { readonly _tag: "Either"; readonly events: number }
  | { readonly _tag: "Hold" }
  | { readonly _tag: "Stream"; readonly events: number; readonly intervalMillis: number }

export const show = (behaviour: Behaviour): string => {
  switch (behaviour._tag) {
    case "Answer":
      return `d${behaviour.delayMillis}`
    case "Either":
      return `m${behaviour.events}`
    case "Hold":
      return "hold"
    case "Stream":
      return behaviour.intervalMillis === 0
        ? `s${behaviour.events}`
        : `s${behaviour.events}p${behaviour.intervalMillis}`
  }
}

export const read = (segment: string): Behaviour | undefined => {
  if (segment === "hold") return { _tag: "Hold" }
  const answer = /^d(\d+)$/.exec(segment)
  if (answer !== null) return { _tag: "Answer", delayMillis: Number(answer[1]) }
  const either = /^m(\d+)$/.exec(segment)
  if (either !== null) return { _tag: "Either", events: Number(either[1]) }
  const stream = /^s(\d+)(?:p(\d+))?$/.exec(segment)
  return stream === null
    ? undefined
    : { _tag: "Stream", events: Number(stream[1]), intervalMillis: Number(stream[2] ?? 0) }
}
