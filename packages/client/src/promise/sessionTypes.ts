/**
 * What stays open until it is closed: tasks and sessions over WebSockets, and the history of a conversation. Nothing of Effect is
 * named here.
 *
 * @since 0.1.0
 */
import type { Elements, ToolFunction } from "./chatTypes.js"
import type * as Types from "./types.js"

/**
 * What holds a connection of the pool until it is closed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Closable {
  /** Ends it at once, with its connection; loops over what comes of it end. To close twice does nothing more. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * A task that the service has started.
 *
 * @since 0.1.0
 * @category models
 */
export interface OpenTask extends Closable {
  readonly id: string
  /** What `task-started` said. */
  readonly started: Readonly<Record<string, unknown>> | undefined
  /** Sends a piece of input, once the socket has taken what it was given before. */
  readonly send: (input: Types.DuplexTaskInput) => Promise<void>
  /** Says that nothing follows. */
  readonly finish: (input?: Readonly<Record<string, unknown>>) => Promise<void>
  /** What comes of the task, to its end. A loop goes on where the one before it was left. */
  readonly events: AsyncIterable<Types.DuplexTaskEvent>
}

/**
 * Tasks over WebSockets that have no service of their own here.
 *
 * @since 0.1.0
 * @category services
 */
export interface DuplexTaskClient {
  /** Runs a task: sends the input as it comes, then says that nothing follows, and gives what comes of the task meanwhile. */
  readonly run: (
    request: Types.DuplexTaskRequest,
    input?: Elements<Types.DuplexTaskInput>,
    options?: Types.DuplexTaskOptions & Types.Abortable
  ) => AsyncIterable<Types.DuplexTaskEvent>
  /** Opens a task to send to and read from by hand. It has to be closed; an abort of the signal does so too, at any time. */
  readonly open: (
    request: Types.DuplexTaskRequest,
    options?: Types.CallOptions & Types.Abortable
  ) => Promise<OpenTask>
}

/**
 * What can be said in a realtime session. What it is sent is an event with an id of its own, which `error` events repeat
 * (`error.eventId`); the functions that send one event give it.
 *
 * Each of them is rejected with `InputRequired`, before anything is sent, where the model's family does not take it.
 *
 * @since 0.1.0
 * @category models
 */
export interface RealtimeInput {
  /** The id that the service gave; empty where it gave none. */
  readonly id: string
  readonly family: Types.RealtimeFamily
  /** What the service has made of the parameters. */
  readonly info: Types.SessionInfo
  /** Changes parameters; answered by `session.updated`, or an `error`. */
  readonly update: (params: Types.SessionParams) => Promise<string>
  /** Sends audio, once the socket has taken what it was given before. Long pieces are cut. */
  readonly appendAudio: (audio: Uint8Array) => Promise<void>
  /** Ends a turn of audio, where no turns are detected. */
  readonly commit: () => Promise<string>
  /** Drops the audio that was not committed. */
  readonly clear: () => Promise<string>
  /**
   * Sends an image in JPEG, which goes with the audio: some must have been sent before. At most 256 KB in base64 and one a
   * second; of `translate` 500 KB and two a second.
   */
  readonly appendImage: (jpeg: Uint8Array) => Promise<string>
  /** Sends a piece of text that is to be spoken. */
  readonly appendText: (text: string) => Promise<void>
  /** Has the text spoken that was sent. */
  readonly commitText: () => Promise<string>
  /** Drops the text that was not committed. Only in the mode `commit`. */
  readonly clearText: () => Promise<string>
  /** Asks for a response. An error where one is running already. */
  readonly createResponse: (options?: Types.ResponseOptions) => Promise<string>
  /** Ends the response that is running. An error where there is none. */
  readonly cancelResponse: () => Promise<string>
  /** Adds an item to the conversation: a text that the user says, or an item under its wire names. */
  readonly createItem: (item: string | Readonly<Record<string, unknown>>, previousItemId?: string) => Promise<string>
  /** Answers a function that the model asked for; `createResponse` has it go on. */
  readonly functionOutput: (callId: string, output: string) => Promise<string>
  readonly retrieveItem: (itemId: string) => Promise<string>
  readonly deleteItem: (itemId: string) => Promise<string>
  /** Sends an event that has no name here, under its wire names; it gets an `event_id` where it has none. */
  readonly sendRaw: (event: Readonly<Record<string, unknown>> & { readonly type: string }) => Promise<string>
  /**
   * Says that nothing follows. The events go on to what is still owed, and end then: after `session.finished`, or, for a family
   * without it, after the last response. How long that may take says `finishTimeout`. A second time it does nothing.
   */
  readonly finish: () => Promise<void>
}

/**
 * A session that the service has opened.
 *
 * @since 0.1.0
 * @category models
 */
export interface RealtimeSession extends RealtimeInput, Closable {
  /**
   * What the service says, to the session's end. A loop goes on where the one before it was left. Reading slowly slows the
   * service.
   *
   * An `error` event of type `invalid_request_error` is an element, and the session goes on; one of type `server_error` ends the
   * loop with `ApiError`. Where the service closes before the session is finished, it is a `ConnectionError` of reason
   * `Truncated`, or the error that it had told before. What had come is handed out first.
   */
  readonly events: AsyncIterable<Types.ServerEvent>
}

/**
 * A conversation that runs.
 *
 * @since 0.1.0
 * @category models
 */
export interface RealtimeConversation extends Closable {
  /** To say more than the input does. */
  readonly session: RealtimeInput
  /**
   * What the model says, to be played. Without a reader, only the newest is kept. Ends with the session, and fails with it. A
   * loop goes on where the one before it was left.
   */
  readonly audio: AsyncIterable<Uint8Array>
  /**
   * What happens. Without a reader, the newest thousand are kept. Ends with the session, and fails with it. A loop goes on where
   * the one before it was left.
   */
  readonly events: AsyncIterable<Types.RealtimeConversationEvent>
  /** Drops the audio that nobody has taken, and ends the response that is running, if there is one. */
  readonly interrupt: () => Promise<void>
}

/**
 * How a conversation goes about it, and the functions that the model may ask for.
 *
 * @since 0.1.0
 * @category models
 */
export interface RealtimeToolOptions extends Types.RealtimeConversationOptions {
  /**
   * The functions that the model may ask for. What it asks for is done while the conversation goes on; it is told the results,
   * and asked to go on. `maxRounds` counts how often it may ask without anything new from the user.
   */
  readonly tools?: ReadonlyArray<ToolFunction> | undefined
}

/**
 * Realtime sessions over one WebSocket.
 *
 * @since 0.1.0
 * @category services
 */
export interface RealtimeClient {
  /**
   * Opens a session: waits until the service has taken the parameters. It has to be closed; an abort of the signal does so too,
   * at any time.
   */
  readonly open: (
    params: Types.RealtimeParams,
    options?: Types.RealtimeOptions & Types.Abortable
  ) => Promise<RealtimeSession>
  /**
   * Opens a session and talks: sends what the user says, and gives what the model says as two async iterables, its audio and all
   * else. It has to be closed, as a session of `open`. When the input ends, the session is finished.
   */
  readonly conversation: (
    params: Types.RealtimeParams,
    input: Elements<Types.RealtimeConversationInput>,
    options?: RealtimeToolOptions & Types.Abortable
  ) => Promise<RealtimeConversation>
  /** Writes down what it hears, while it hears it: each sentence several times as it grows, and at last with `isFinal`. */
  readonly transcribe: (
    params: Types.RealtimeParams,
    audio: Uint8Array | Elements<Uint8Array>,
    options?: Types.RealtimeOptions & Types.Abortable
  ) => AsyncIterable<Types.RealtimeTranscript>
  /** Speaks texts as they come, such as the answer of a model while it is written, and gives the audio in pieces. */
  readonly speak: (
    params: Types.RealtimeParams,
    texts: Elements<string>,
    options?: Types.RealtimeOptions & Types.Abortable
  ) => AsyncIterable<Uint8Array>
  /** Interprets what it hears, while it hears it: what was said, its translation in writing, and how that sounds. */
  readonly translate: (
    params: Types.RealtimeParams,
    audio: Uint8Array | Elements<Uint8Array>,
    options?: Types.RealtimeOptions & Types.Abortable
  ) => AsyncIterable<Types.Interpreted>
}

/**
 * A history that grows, kept within a budget.
 *
 * @since 0.1.0
 * @category models
 */
export interface ChatConversation {
  /** What was said so far, the oldest first. */
  readonly messages: ReadonlyArray<Types.Message>
  /**
   * Adds what was said, and drops what is over the budget. An answer becomes the assistant's message, with its tool calls; one
   * that says nothing is left out, since the service refuses empty messages.
   */
  readonly append: (said: Types.ConversationInput | Types.GenerationResult) => void
  /** Drops what is over this budget, once. */
  readonly trim: (budget: Types.ConversationBudget) => void
  /** Forgets all but the system messages. */
  readonly clear: () => void
  /**
   * One turn: hands over the history with `input` at its end, cut to the budget, and adds both `input` and the answer when there
   * is one. A turn that fails leaves the history as it was, and so does one that is aborted: give the signal to the request.
   *
   * Turns take place one after another, in the order in which they were begun; do not begin one within another. `append` does not
   * wait for them.
   */
  readonly send: <A extends Types.ConversationAnswer>(
    input: Types.ConversationInput,
    ask: (messages: ReadonlyArray<Types.Message>) => A | Promise<A>
  ) => Promise<A>
  /**
   * The same for a stream: the turn lasts as long as the loop, and is added when it has come to its end. `fold` makes the answer
   * of all elements, or gives nothing where there is none to keep; the turn is then left out.
   */
  readonly sendStream: <A>(
    input: Types.ConversationInput,
    ask: (messages: ReadonlyArray<Types.Message>) => Elements<A>,
    fold: (elements: ReadonlyArray<A>) => Types.ConversationAnswer | undefined
  ) => AsyncIterable<A>
}
