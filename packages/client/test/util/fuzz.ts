/** Bodies to read, well formed and spoilt, for the fuzzing of whatever reads them. */
import * as FastCheck from "effect/FastCheck"
import { codePoint } from "./codePoints.js"

const encoder = new TextEncoder()

const requestId = "6f1c2d90-0000-4000-8000-0000000000f2"
const usage = {
  input_tokens: 21,
  output_tokens: 8,
  total_tokens: 29,
  output_tokens_details: { reasoning_tokens: 3, text_tokens: 5 },
  prompt_tokens_details: { cached_tokens: 16, cache_creation: { ephemeral_5m_input_tokens: 2 } },
  plugins: { search: { count: 1, strategy: "turbo" } }
}
const toolCall = {
  index: 0,
  id: "call_1",
  type: "function",
  function: { name: "weather", arguments: "{\"at\":\"杭州\"}" }
}

/** Answers and errors as JSON values, with every field that is read. */
export const values: ReadonlyArray<object> = [
  {
    output: {
      choices: [{
        index: 0,
        finish_reason: "stop",
        message: { role: "assistant", content: "Good morning 🌅", reasoning_content: "They greet me." },
        logprobs: {
          content: [{ token: "Good", bytes: [71], logprob: -0.25, top_logprobs: [{ token: "Hi", logprob: -3 }] }]
        }
      }],
      search_info: {
        search_results: [{ index: 1, title: "A page", url: "https://example.com/", site_name: "Example" }]
      },
      model_name: "qwen-plus",
      tool_info: [{ type: "code_interpreter", code_interpreter: { code: "1 + 1" } }]
    },
    usage,
    request_id: requestId
  },
  {
    output: {
      choices: [
        { index: 0, finish_reason: "tool_calls", message: { role: "assistant", content: "", tool_calls: [toolCall] } },
        {
          index: 1,
          finish_reason: "length",
          message: { role: "assistant", content: [{ text: "In " }, { text: "parts" }] }
        }
      ]
    },
    usage,
    request_id: requestId
  },
  { output: { text: "早上好", finish_reason: "stop", choices: null }, usage, request_id: requestId },
  { code: "Throttling.RateQuota", message: "Too many requests.", request_id: requestId },
  { requestId, error: { code: "InternalError", message: "It broke." } },
  { error: { message: "No such model.", type: "invalid_request_error", param: null, code: null } },
  { code: 40012, msg: "No such file.", request_id: requestId }
]

const frame = (data: object, index: number, type = "result", status = 200): string =>
  `id:${index + 1}\nevent:${type}\n:HTTP_STATUS/${status}\ndata:${JSON.stringify(data)}\n\n`

const delta = (content: string, reason = "null"): object => ({
  output: { choices: [{ index: 0, finish_reason: reason, message: { role: "assistant", content } }] },
  usage,
  request_id: requestId
})

const frames = [delta("Good "), delta("morning"), delta("", "stop")].map((data, i) => frame(data, i)).join("")

/** Event streams, whole and broken off, good and bad. */
export const streams: ReadonlyArray<string> = [
  frames,
  frames.replaceAll("\n", "\r\n").replaceAll("data:", "data: "),
  `\ufeff: ping\n\n${frames.replaceAll(/^event:.*\n|^:HTTP.*\n/gm, "")}data: [DONE]\n\n`,
  frames.replaceAll("\"usage\"", "\ndata:\"usage\"").slice(0, -60),
  values.slice(0, 3).map((value, i) => frame(value, i)).join(": ping\n\n"),
  frame(delta("Good "), 0) + values.slice(3).map((value, i) => frame(value, i + 1, "error", 500)).join("")
]

export const bodies: ReadonlyArray<string> = [
  ...values.map((value) => JSON.stringify(value)),
  ...streams,
  "",
  "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
]

// ---------------------------------------------------------------------------------------------------------------------
// Values
// ---------------------------------------------------------------------------------------------------------------------

/** So deep that a reader that recurses runs out of stack. JSON.parse itself does not. */
const deepText = (open: string, close: string, depth: number): string => open.repeat(depth) + "1" + close.repeat(depth)

/** Values as JSON text that readers stumble over. */
export const awkwardJson: ReadonlyArray<string> = [
  "null",
  "true",
  "0",
  "-0",
  "1e999",
  "-1e999",
  "4294967296",
  "0.5",
  "-1",
  `${"9".repeat(400)}`,
  "\"\"",
  "\"null\"",
  "\"\\ud800\"",
  "\"\\udc00\\ud800\"",
  "\"\\u0000\\u001b[2J\\u2028\"",
  "[]",
  "[null]",
  "[[[]]]",
  "{}",
  "{\"__proto__\":{\"polluted\":true}}",
  "{\"constructor\":{\"prototype\":{\"polluted\":true}}}",
  "{\"toString\":1,\"valueOf\":null,\"hasOwnProperty\":[],\"length\":-1,\"then\":{}}",
  "{\"a\":1,\"a\":{\"b\":2},\"a\":[3]}",
  "{\"text\":\"x\",\"finish_reason\":\"stop\",\"choices\":[]}",
  "{\"text\":\"x\",\"finish_reason\":\"stop\",\"choices\":[{\"message\":{}}]}"
]

export const deepJson = (depth: number): ReadonlyArray<string> => [
  deepText("[", "]", depth),
  deepText("{\"a\":", "}", depth),
  deepText("{\"__proto__\":", "}", depth),
  deepText("[{\"output\":", "}]", depth / 2)
]

/** Where a value may stand in JSON: each `⌖` of a text is one. */
const hole = "⌖"

/** The JSON texts of a value with a hole in place of each of its parts in turn. */
export const holes = (value: unknown): ReadonlyArray<string> => {
  const around = (part: unknown, wrap: (inner: string) => string): ReadonlyArray<string> => {
    const here = wrap(hole)
    if (typeof part !== "object" || part === null) return [here]
    const entries: ReadonlyArray<readonly [string, unknown]> = Object.entries(part)
    const isArray = Array.isArray(part)
    const rest = entries.flatMap(([key, child], at) =>
      around(child, (inner) => {
        const text = entries.map(([key, child], i) => {
          const item = i === at ? inner : JSON.stringify(child)
          return isArray ? item : `${JSON.stringify(key)}:${item}`
        }).join(",")
        return wrap(isArray ? `[${text}]` : `{${text}}`)
      }).concat(
        isArray ? [] : [
          // The same key once more.
          wrap(`{${JSON.stringify(key)}:${hole},${JSON.stringify(part).slice(1)}`),
          wrap(`${JSON.stringify(part).slice(0, -1)},${JSON.stringify(key)}:${hole}}`)
        ]
      )
    )
    return [here, ...rest]
  }
  return around(value, (inner) => inner)
}

export const fill = (text: string, json: string): string => text.replace(hole, () => json)

const json = FastCheck.oneof(
  { weight: 3, arbitrary: FastCheck.constantFrom(...awkwardJson) },
  { weight: 1, arbitrary: FastCheck.json({ maxDepth: 4 }) },
  {
    weight: 1,
    arbitrary: FastCheck.dictionary(
      FastCheck.constantFrom("__proto__", "output", "choices", "message", "text", "code", "error", "prototype", ""),
      FastCheck.jsonValue({ maxDepth: 2 })
    ).map((value) => JSON.stringify(value))
  }
)

/** A well-formed answer or error with one or two of its parts replaced, or doubled. */
export const spoiltJson: FastCheck.Arbitrary<string> = FastCheck.constantFrom(...values).chain((value) =>
  FastCheck.tuple(FastCheck.constantFrom(...holes(value)), json).map(([text, json]) => fill(text, json))
)

// ---------------------------------------------------------------------------------------------------------------------
// Bytes
// ---------------------------------------------------------------------------------------------------------------------

const pieces = [
  ..."{}[]\",:\\ \n\r\t\u0000",
  "\n\n",
  "\r\n\r\n",
  "data:",
  "data: ",
  "\ndata:",
  "event:error\n",
  "event:done\n",
  "id:\n",
  ":HTTP_STATUS/500\n",
  ":\n",
  "[DONE]",
  "null",
  "1e999",
  "\\ud83d",
  "\ufeff",
  "👩‍👩‍👧",
  "\"__proto__\":",
  "\"code\":",
  "\"output\":"
].map((piece) => encoder.encode(piece))

type Mutation = (bytes: Uint8Array) => Uint8Array

const spliced = (bytes: Uint8Array, from: number, to: number, piece: Uint8Array): Uint8Array => {
  const out = new Uint8Array(from + piece.length + bytes.length - to)
  out.set(bytes.subarray(0, from))
  out.set(piece, from)
  out.set(bytes.subarray(to), from + piece.length)
  return out
}

const fraction = FastCheck.double({ min: 0, max: 1, noNaN: true })
const at = (bytes: Uint8Array, place: number): number => Math.floor(place * bytes.length)

const mutation: FastCheck.Arbitrary<Mutation> = FastCheck.oneof(
  // Another byte
  FastCheck.tuple(fraction, FastCheck.nat(255)).map(([place, byte]): Mutation => (bytes) => {
    const from = at(bytes, place)
    return spliced(bytes, from, Math.min(bytes.length, from + 1), Uint8Array.of(byte))
  }),
  // Something put in
  FastCheck.tuple(fraction, FastCheck.constantFrom(...pieces)).map(([place, piece]): Mutation => (bytes) =>
    spliced(bytes, at(bytes, place), at(bytes, place), piece)
  ),
  // Something left out, or the end
  FastCheck.tuple(fraction, fraction).map(([a, b]): Mutation => (bytes) =>
    spliced(bytes, at(bytes, Math.min(a, b)), at(bytes, Math.max(a, b)), new Uint8Array())
  ),
  FastCheck.tuple(fraction, FastCheck.nat(3)).map(([place, length]): Mutation => (bytes) =>
    spliced(bytes, at(bytes, place), Math.min(bytes.length, at(bytes, place) + length), new Uint8Array())
  ),
  // Something said twice
  FastCheck.tuple(fraction, fraction, fraction).map(([a, b, place]): Mutation => (bytes) => {
    const piece = bytes.slice(at(bytes, Math.min(a, b)), at(bytes, Math.max(a, b)))
    return spliced(bytes, at(bytes, place), at(bytes, place), piece)
  })
)

/** Any of the texts, with up to six things wrong. */
const spoilt = (texts: ReadonlyArray<string>): FastCheck.Arbitrary<Uint8Array> =>
  FastCheck.tuple(FastCheck.constantFrom(...texts), FastCheck.array(mutation, { maxLength: 6 })).map(
    ([text, mutations]) => mutations.reduce<Uint8Array>((bytes, mutate) => mutate(bytes), encoder.encode(text))
  )

const noise: FastCheck.Arbitrary<Uint8Array> = FastCheck.oneof(
  FastCheck.uint8Array({ maxLength: 200 }),
  FastCheck.string({ unit: codePoint, maxLength: 200 }).map((text) => encoder.encode(text)),
  FastCheck.array(FastCheck.constantFrom(...pieces), { maxLength: 40 }).map((parts) =>
    Uint8Array.from(parts.flatMap((part) => [...part]))
  )
)

/** Any bytes that a server may send: noise, and spoilt forms of our own texts and of the given recordings. */
export const bodiesWith = (recordings: ReadonlyArray<string>): FastCheck.Arbitrary<Uint8Array> =>
  FastCheck.oneof(
    { weight: 2, arbitrary: noise },
    { weight: 4, arbitrary: spoilt(bodies) },
    ...(recordings.length === 0 ? [] : [{ weight: 4, arbitrary: spoilt(recordings) }]),
    { weight: 3, arbitrary: spoiltJson.map((text) => encoder.encode(text)) },
    {
      weight: 2,
      arbitrary: FastCheck.array(spoiltJson, { minLength: 1, maxLength: 4 }).map((texts) =>
        encoder.encode(texts.map((text, i) => `id:${i}\nevent:result\n:HTTP_STATUS/200\ndata:${text}\n\n`).join(""))
      )
    }
  )

/** How the bytes come in pieces. */
export const cuts = FastCheck.array(fraction, { maxLength: 8 })

export const cut = (bytes: Uint8Array, fractions: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const places = fractions.map((place) => at(bytes, place)).sort((a, b) => a - b)
  return [...places, bytes.length].map((to, i) => bytes.subarray(places[i - 1] ?? 0, to))
}
