/**
 * What a message of a whole task costs beside the same by `ws` alone, in CPU of one process: `npx tsx` this file. By `ws` it is
 * written as by hand: the messages of the protocol, the frames cut from the audio, back pressure, JSON, and the sentences kept.
 *
 * A server in a process of its own plays the service. The two are measured in turns, and the middle of the rounds is told.
 */
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { fork } from "node:child_process"
import { once } from "node:events"
import { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { WebSocket, WebSocketServer } from "ws"
import * as DashScope from "../../src/DashScope.js"
import * as Recognition from "../../src/Recognition.js"
import * as SpeechSynthesizer from "../../src/SpeechSynthesizer.js"
import { fromReadable } from "./readable.js"

const rounds = 7
const frames = 20_000
const frameBytes = 3200
/** A result after so many frames. */
const perResult = 4
const pieces = 20_000
const pieceBytes = 4096

const json = (u: unknown) => JSON.stringify(u)

const sentence = (taskId: string, n: number) =>
  json({
    header: { task_id: taskId, event: "result-generated", attributes: {} },
    payload: {
      output: {
        sentence: {
          begin_time: 170,
          end_time: n % 10 === 9 ? 920 : null,
          text: "好，我知道了。",
          heartbeat: false,
          sentence_end: n % 10 === 9,
          sentence_id: 1 + Math.floor(n / 10),
          words: [
            { begin_time: 170, end_time: 295, text: "好", punctuation: "，" },
            { begin_time: 295, end_time: 503, text: "我", punctuation: "" },
            { begin_time: 503, end_time: 920, text: "知道了", punctuation: "。" }
          ]
        }
      },
      usage: n % 10 === 9 ? { duration: 3 } : null
    }
  })

const serve = () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false })
  server.on("connection", (ws) => {
    let taskId = ""
    let isSpeech = false
    let heard = 0
    const event = (event: string, payload: object = {}) =>
      ws.send(json({ header: { task_id: taskId, event }, payload }))
    const speak = (left: number) => {
      const output = { type: "sentence-synthesis", sentence: { index: 0, words: [] } }
      for (let i = 0; i < 50; i++, left--) {
        event("result-generated", { output })
        ws.send(
          new Uint8Array(pieceBytes),
          i === 49 ? () => left > 1 ? speak(left - 1) : event("task-finished") : undefined
        )
      }
    }
    ws.on("message", (data: Buffer, isBinary) => {
      if (isBinary) {
        if (++heard % perResult === 0) ws.send(sentence(taskId, heard / perResult - 1))
        return
      }
      const { header, payload } = JSON.parse(data.toString()) as {
        readonly header: { readonly action: string; readonly task_id: string }
        readonly payload: { readonly task?: string }
      }
      if (header.action === "run-task") {
        taskId = header.task_id
        heard = 0
        isSpeech = payload.task === "tts"
        event("task-started")
      } else if (header.action === "finish-task") {
        if (isSpeech) speak(pieces)
        else event("task-finished", { output: {} })
      }
    })
  })
  server.on("listening", () => process.send?.(server.address()))
}

interface Message {
  readonly header: { readonly event: string }
  readonly payload: { readonly output?: { readonly sentence?: { readonly sentence_end?: boolean } } }
}

/** A task by hand: what it is asked for, what is sent, and what is kept. */
const byHand = async (url: string, task: object, send: (ws: WebSocket, id: string) => Promise<void>) => {
  const ws = new WebSocket(url.replace("http", "ws").replace("/api/v1", "/api-ws/v1/inference"), {
    perMessageDeflate: false,
    headers: { authorization: "Bearer sk-test" }
  })
  const id = crypto.randomUUID()
  const header = (action: string) => ({ action, task_id: id, streaming: "duplex" })
  const sentences: Array<unknown> = []
  let bytes = 0
  const end = new Promise<void>((resolve, reject) => {
    ws.on("error", reject)
    ws.on("message", (data: Buffer, isBinary) => {
      if (isBinary) {
        bytes += data.length
        return
      }
      const { header, payload } = JSON.parse(data.toString()) as Message
      if (header.event === "task-started") {
        void send(ws, id).then(() =>
          ws.send(json({ header: { ...header, action: "finish-task", task_id: id }, payload: { input: {} } }))
        )
      } else if (header.event === "task-finished") resolve()
      else if (payload.output?.sentence?.sentence_end === true) sentences.push(payload.output.sentence)
    })
  })
  await once(ws, "open")
  ws.send(json({ header: header("run-task"), payload: { ...task, input: {} } }))
  await end
  ws.close()
  return { sentences: sentences.length, bytes }
}

/** Once the socket has taken what it was given before. */
const sendTo = async (ws: WebSocket, bytes: Uint8Array) => {
  if (ws.bufferedAmount > 64 * 1024) await new Promise<void>((resolve) => ws.send(bytes, () => resolve()))
  else ws.send(bytes)
}

interface Case {
  readonly name: string
  readonly messages: number
  readonly hand: (url: string) => Promise<unknown>
  readonly ours: Effect.Effect<unknown, unknown, DashScope.Services>
  /** What is sent, read and dropped: the part of it that is the program's. */
  readonly input?: { readonly hand: () => Promise<unknown>; readonly ours: Effect.Effect<unknown, unknown> }
}

const params = { format: "pcm", sampleRate: 16_000 }
const asr = {
  model: "fun-asr-realtime",
  task_group: "audio",
  task: "asr",
  function: "recognition",
  parameters: { format: "pcm", sample_rate: 16_000 }
}

/**
 * Audio as it comes from a file, a socket or another process: a `Readable`, which both sides read as it is usual for them, `for await`
 * and `NodeStream.fromReadable`. At once it has the next piece when it is asked; live it has one in a turn of the event loop, as of a
 * microphone, and nobody can take several together.
 */
const recorded = (size: number, isLive: boolean): Readable => {
  const piece = new Uint8Array(size).fill(1)
  let left = frames * frameBytes / size
  return new Readable({
    objectMode: true,
    read() {
      const push = () => this.push(left-- > 0 ? piece : null)
      if (isLive) setImmediate(push)
      else push()
    }
  })
}

const hear = (size: number, isLive: boolean): Case => {
  const audio = fromReadable<Uint8Array, Error>(
    () => recorded(size, isLive),
    (cause) => new Error("the audio broke off", { cause })
  )
  return {
    name: `recognise, pieces of ${size} B${isLive ? ", live" : ""}`,
    messages: frames + frames / perResult,
    hand: (url) =>
      byHand(url, asr, async (ws) => {
        for await (const piece of recorded(size, isLive) as AsyncIterable<Uint8Array>) {
          for (let at = 0; at < size; at += frameBytes) await sendTo(ws, piece.subarray(at, at + frameBytes))
        }
      }),
    input: {
      hand: async () => {
        for await (const _ of recorded(size, isLive));
      },
      ours: Stream.runDrain(audio)
    },
    ours: Stream.runDrain(Recognition.sentences({ model: asr.model, ...params }, audio))
  }
}

const speak: Case = {
  name: `speak, pieces of ${pieceBytes} B`,
  messages: 2 * pieces,
  hand: (url) =>
    byHand(url, {
      model: "cosyvoice-v3-flash",
      task_group: "audio",
      task: "tts",
      function: "SpeechSynthesizer",
      parameters: { text_type: "PlainText", voice: "longanyang" }
    }, (ws, id) => {
      ws.send(
        json({
          header: { action: "continue-task", task_id: id, streaming: "duplex" },
          payload: { input: { text: "a" } }
        })
      )
      return Promise.resolve()
    }),
  ours: Stream.runDrain(
    SpeechSynthesizer.stream({ model: "cosyvoice-v3-flash", voice: "longanyang" }, Stream.make("a"))
  )
}

const cpuOf = async (run: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await run()
  const { system, user } = process.cpuUsage(before)
  return user + system
}

const median = (values: ReadonlyArray<number>): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

const measure = (port: number) =>
  Effect.gen(function*() {
    const url = `http://127.0.0.1:${port}/api/v1`
    const pool = yield* ConnectionPool.make(ConnectionConfig.make())
    const layer = DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: url })
    const only = process.argv[2]
    const cases = [hear(frameBytes, false), hear(frameBytes, true), hear(20 * frameBytes, false), speak]
    for (const { hand, input, messages, name, ours } of cases) {
      if (only !== undefined && !name.includes(only)) continue
      const run = (effect: Effect.Effect<unknown, unknown, DashScope.Services>) =>
        Effect.runPromise(Effect.provide(effect, layer))
      const sides: ReadonlyArray<() => Promise<unknown>> = [
        () => hand(url),
        () => run(ours),
        ...(input === undefined ? [] : [input.hand, () => run(input.ours)])
      ]
      const taken = sides.map((): Array<number> => [])
      for (let round = 0; round < rounds; round++) {
        for (const [i, side] of sides.entries()) taken[i]!.push(yield* Effect.promise(() => cpuOf(side)))
      }
      const [ws, own, ofHand, ofOurs] = taken.map((all) => median(all) / messages)
      console.log(
        `${name.padEnd(32)} ws ${ws!.toFixed(2)} µs  ours ${own!.toFixed(2)} µs  ${(own! / ws!).toFixed(2)} times` +
          (ofHand === undefined || ofOurs === undefined
            ? ""
            : `  (of it reading the pieces ${ofHand.toFixed(2)} and ${ofOurs.toFixed(2)} µs)`)
      )
    }
  })

if (process.argv[2] === "serve") {
  serve()
} else {
  const server = fork(fileURLToPath(import.meta.url), ["serve"])
  server.once("message", (address: { readonly port: number }) => {
    void Effect.runPromise(Effect.scoped(measure(address.port))).finally(() => server.kill())
  })
}
