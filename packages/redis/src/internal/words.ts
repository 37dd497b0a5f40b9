/** What is sent to the script, and what it answers. */
import type * as RateLimitStore from "effect-dashscope/RateLimitStore"

/** What the script is run with. @internal */
export interface Command {
  readonly keys: ReadonlyArray<string>
  readonly args: ReadonlyArray<string>
}

/** A turn, and of which data it is. @internal */
export interface Ticket extends RateLimitStore.Ticket {
  readonly book: string
}

/** @internal */
export const ticketOf = (ticket: RateLimitStore.Ticket, book: string): Ticket => ({ ...ticket, book })

/** @internal */
export const isOf = (ticket: RateLimitStore.Ticket, book: string): ticket is Ticket =>
  "book" in ticket && ticket.book === book

/** A turn of some store of this package. */
const hasBook = (ticket: RateLimitStore.Ticket): ticket is Ticket => "book" in ticket && typeof ticket.book === "string"

/** Who asks. @internal */
export interface Asking {
  readonly prefix: string
  /** The book of the namespace as it was seen last, or nothing. */
  readonly book: string
  /** This process, where it is time to say that it is alive; or nothing. */
  readonly instance: string
  /** For how long that holds. */
  readonly aliveMillis: number
}

/** A tag of its own for each namespace, so that all its keys lie in one slot of a cluster. */
const withoutBraces = (text: string): string => text.replaceAll(/[%{}]/g, encodeURIComponent)

const command = (
  { book, prefix }: Asking,
  operation: string,
  namespace: string,
  buckets: ReadonlyArray<{ readonly key: string }>,
  slots: ReadonlyArray<{ readonly key: string }>,
  words: ReadonlyArray<string>
): Command => {
  const tag = `${withoutBraces(prefix)}{${withoutBraces(namespace)}}`
  return {
    keys: [
      `${tag}:book`,
      `${tag}:instances`,
      ...buckets.map(({ key }) => `${tag}:bucket:${key}`),
      ...slots.map(({ key }) => `${tag}:slots:${key}`)
    ],
    args: [operation, String(buckets.length), book, ...words]
  }
}

/** @internal */
export const reserve = (asking: Asking, asked: RateLimitStore.Reservation): Command => {
  const ticket = asked.ticket
  return command(asking, "reserve", asked.namespace, asked.buckets, asked.slots, [
    asked.id,
    String(asked.leaseMillis),
    // The script knows no infinity.
    String(Math.min(asked.maxWaitMillis, Number.MAX_VALUE)),
    ticket === undefined ? "" : String(ticket.at),
    // A turn that is of no store of this package is one of data that nobody has.
    ticket !== undefined && hasBook(ticket) ? ticket.book : "?",
    asking.instance,
    String(asking.aliveMillis),
    ...asked.buckets.flatMap(({ capacity, cost, interval }, i) => [
      String(capacity),
      String(interval),
      String(cost),
      String(ticket?.shifts[i] ?? 0),
      String(ticket?.paid[i] ?? 0)
    ]),
    ...asked.slots.map(({ max }) => String(max))
  ])
}

/** @internal */
export const adjust = (asking: Asking, { buckets, id, namespace, slots }: RateLimitStore.Adjustment): Command =>
  command(asking, "adjust", namespace, buckets, slots, [
    id,
    ...buckets.flatMap(({ capacity, cost, interval }) => [String(capacity), String(interval), String(cost)])
  ])

/** @internal */
export const pause = (asking: Asking, { buckets, millis, namespace }: RateLimitStore.Pause): Command =>
  command(asking, "pause", namespace, buckets, [], [
    String(millis),
    ...buckets.flatMap(({ capacity, interval }) => [String(capacity), String(interval)])
  ])

/** @internal */
export const renew = (asking: Asking, { leaseMillis, leases, namespace }: RateLimitStore.Renewal): Command =>
  command(asking, "renew", namespace, [], leases, [String(leaseMillis), ...leases.map(({ id }) => id)])

/** What a reservation came to. @internal */
export interface Reserved {
  readonly answer: RateLimitStore.Answer
  readonly book: string
  /** How many processes are alive; 0 where this one did not say that it is. */
  readonly instances: number
}

const isList = (reply: unknown): reply is ReadonlyArray<unknown> => Array.isArray(reply)

/** The book, of an answer to anything. Nothing where the script cannot have answered so. @internal */
export const bookOf = (reply: unknown, at = 0): string | undefined => {
  const book = isList(reply) ? reply[at] : undefined
  return typeof book === "string" ? book : undefined
}

/** Nothing where the script cannot have answered so. @internal */
export const reserved = (reply: unknown, asked: RateLimitStore.Reservation): Reserved | undefined => {
  const book = bookOf(reply, 1)
  if (!isList(reply) || book === undefined) return undefined
  const [tag, , ...numbers] = reply
  const [instances = NaN, millis = NaN, at = NaN, ...shifts] = numbers.map(Number)
  const answer = answerOf(
    tag,
    millis,
    () =>
      asked.ticket !== undefined && isOf(asked.ticket, book)
        ? asked.ticket
        : { at, shifts, paid: asked.buckets.map(({ cost }) => cost), book }
  )
  if (answer === undefined || [instances, millis, at, ...shifts].some(Number.isNaN)) return undefined
  return { answer, book, instances }
}

const answerOf = (
  tag: unknown,
  millis: number,
  ticket: () => RateLimitStore.Ticket
): RateLimitStore.Answer | undefined => {
  switch (tag) {
    case "Granted":
    case "Busy":
      return { _tag: tag }
    case "TooLong":
      return { _tag: tag, millis }
    case "Wait":
      return { _tag: tag, millis, ticket: ticket() }
    default:
      return undefined
  }
}
