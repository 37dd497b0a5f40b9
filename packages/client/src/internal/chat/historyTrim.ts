/**
 * Which messages of a history go when it grows too long.
 *
 * @internal
 */
import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import type * as Message from "../../Message.js"

/** @internal */
export interface Limits {
  /** The most messages. */
  readonly messages: number
  /** The most tokens. */
  readonly tokens: number
  readonly tokensOf: (message: Message.Message) => number
}

/** Messages that go together: where they begin and, exclusively, end. */
interface Unit {
  readonly start: number
  readonly end: number
}

const isAnswerOfTool = ({ role }: Message.Message): boolean => role === "tool" || role === "function"

const isSystem = ({ role }: Message.Message): boolean => role === "system"

const beginsStep = (message: Message.Message): boolean => !isAnswerOfTool(message) && !isSystem(message)

/** What a message begins depends on its role; the answers of tools begin nothing. */
const unitsFrom = (
  messages: ReadonlyArray<Message.Message>,
  start: number,
  end: number,
  begins: (message: Message.Message) => boolean
): ReadonlyArray<Unit> => {
  const units: Array<Unit> = []
  let from = start
  messages.forEach((message, i) => {
    if (i > from && i < end && begins(message)) {
      units.push({ start: from, end: i })
      from = i
    }
  })
  if (from < end) units.push({ start: from, end })
  return units
}

/**
 * Drops the oldest messages until the rest keeps to the limits.
 *
 * - System messages stay, and so does the last message of the user.
 * - First go whole turns: a message of the user with all that follows up to the next. When only the last turn is left,
 *   its steps go: an assistant's message, with the answers of the tools that it called.
 * - An answer of a tool never comes first. One that does so already has lost its question and goes, under any limits.
 *
 * Gives the same array where nothing is to go. What has to stay may still be over the limits.
 *
 * @internal
 */
export const trim = (
  messages: ReadonlyArray<Message.Message>,
  limits: Limits
): ReadonlyArray<Message.Message> => {
  const firstOther = messages.findIndex((message) => !isSystem(message))
  if (firstOther < 0) return messages
  const dropped = new Set<number>()
  for (let i = firstOther; i < messages.length; i++) {
    const message = messages[i]
    if (message === undefined || isSystem(message)) continue
    if (!isAnswerOfTool(message)) break
    dropped.add(i)
  }

  // No cost is asked for where no limit needs it.
  const costs = Number.isFinite(limits.tokens) ? messages.map(limits.tokensOf) : undefined
  const costOf = (i: number): number => costs?.[i] ?? 0
  let count = messages.length - dropped.size
  let tokens = messages.reduce((sum, _, i) => dropped.has(i) ? sum : sum + costOf(i), 0)
  const isOver = (): boolean => count > limits.messages || tokens > limits.tokens

  const drop = ({ end, start }: Unit, keeps: number): void => {
    for (let i = start; i < end; i++) {
      const message = messages[i]
      if (message === undefined || isSystem(message) || i === keeps || dropped.has(i)) continue
      dropped.add(i)
      count--
      tokens -= costOf(i)
    }
  }

  const lastUser = Arr.findLastIndex(messages, ({ role }) => role === "user")
  const lastTurn = Option.getOrElse(lastUser, () => firstOther)
  for (const turn of unitsFrom(messages, firstOther, lastTurn, ({ role }) => role === "user")) {
    if (!isOver()) break
    drop(turn, -1)
  }
  for (const step of unitsFrom(messages, lastTurn, messages.length, beginsStep)) {
    if (!isOver()) break
    drop(step, Option.getOrElse(lastUser, () => -1))
  }
  return dropped.size === 0 ? messages : messages.filter((_, i) => !dropped.has(i))
}
