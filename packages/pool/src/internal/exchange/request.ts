import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { Deadline } from "../../Deadline.js"
import { current as currentDeadline } from "../../Deadline.js"
import * as Replay from "../../Replay.js"
import type { Origin } from "../config/proxy.js"

/** A body that is made while it is sent. @internal */
export interface StreamingBody {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Whether its source has been asked for anything. */
  readonly isBegun: () => boolean
  /** Called when nobody will ask for more. Must not throw. */
  readonly cancel: () => void
}

/** The request itself is at fault: its body's source failed, or it cannot be written as HTTP. @internal */
export class Unsendable extends Error {
  constructor(override readonly cause: unknown) {
    super("the request cannot be sent")
  }
}

const noHeaders: Readonly<Record<string, string>> = {}

/** Bodies beyond this are written in slices, so that progress can be seen while they are. */
const sliceSize = 64 * 1024

/**
 * What is to be sent.
 *
 * A class and not a literal, as is all that a request leaves behind here: where the first objects of a literal have lived
 * for long, V8 comes to put all of them into the old generation, and there each holds what it leads to, such as the buffer
 * of its socket, until the next full collection.
 *
 * @internal
 */
export class PoolRequest {
  constructor(
    readonly origin: string,
    readonly target: Origin,
    readonly method: string,
    readonly path: string,
    public headers: Readonly<Record<string, string>>,
    public body: Uint8Array | StreamingBody | undefined
  ) {}

  /** Whether the body can be written from its beginning once more. */
  get isWhole(): boolean {
    return this.body === undefined || this.body instanceof Uint8Array
  }

  /** Whether undici writes all of it in one turn. */
  get isBrief(): boolean {
    return this.body === undefined || (this.body instanceof Uint8Array && this.body.byteLength <= sliceSize)
  }

  /** What undici is given. */
  get content(): Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array> | null {
    const { body } = this
    if (body === undefined) return null
    return body instanceof Uint8Array ? (body.byteLength <= sliceSize ? body : slices(body)) : body.chunks
  }

  /** It is over: a response or an error that is kept must not keep the body and the key too. */
  release(): void {
    const { body } = this
    this.body = undefined
    this.headers = noHeaders
    if (body !== undefined && !(body instanceof Uint8Array)) body.cancel()
  }
}

function* slices(body: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < body.byteLength; start += sliceSize) {
    yield body.subarray(start, start + sliceSize)
  }
}

const isNobodys =
  /\bnode:|node_modules\/(?:\.pnpm\/)?(?:@?effect)[@/+]|(?:HttpClient|WebSocket|Fetch|fetch[/\\]calls)\.[jt]s/

/** The stack without the frames of this package's shell, of Effect, and of Node. @internal */
export const callerOf = (stack: string | undefined): string | undefined =>
  stack?.split("\n").slice(1).filter((line) => !isNobodys.test(line)).join("\n")

/** Who asks: what holds for its request, and what warnings say of it. @internal */
export interface Owner {
  readonly deadline: Deadline | undefined
  readonly replay: Replay.Replay
  /** It gave the request up, and nothing of it has been written. */
  unsent(): void
  describe(request: PoolRequest): string
}

/** A fiber. @internal */
export class FiberOwner implements Owner {
  /** Where it is not within that of the fiber. */
  span: Tracer.AnySpan | undefined = undefined

  constructor(
    readonly fiber: Fiber.RuntimeFiber<unknown, unknown>,
    /** Where the request was made; only while leaks are looked for. */
    readonly stack: string | undefined,
    /** Of this very request. */
    private readonly own?: Deadline,
    private readonly onUnsent?: () => void
  ) {}

  get deadline(): Deadline | undefined {
    return this.own ?? this.fiber.getFiberRef(currentDeadline)
  }

  get replay(): Replay.Replay {
    return this.fiber.getFiberRef(Replay.current)
  }

  unsent(): void {
    this.onUnsent?.()
  }

  describe(request: PoolRequest): string {
    const { fiber, stack } = this
    const spans: Array<string> = []
    for (
      let span = this.span ?? fiber.currentSpan;
      span !== undefined && span._tag === "Span";
      span = Option.getOrUndefined(span.parent)
    ) spans.push(span.name)
    return `${nameOf(request)} in fiber #${fiber.id().id}` +
      (spans.length === 0 ? "" : `, spans ${spans.join(" < ")}`) + madeAt(stack)
  }
}

/** Code that runs in no fiber. @internal */
export class PlainOwner implements Owner {
  readonly deadline = undefined

  constructor(
    readonly replay: Replay.Replay,
    /** Where the request was made; only while leaks are looked for. */
    readonly stack: string | undefined
  ) {}

  unsent(): void {}

  describe(request: PoolRequest): string {
    return nameOf(request) + madeAt(this.stack)
  }
}

const nameOf = ({ method, origin, path }: PoolRequest): string => `by ${method} ${origin}${path.split("?", 1)[0]}`

const madeAt = (stack: string | undefined): string => stack === undefined || stack === "" ? "" : `, made\n${stack}`
