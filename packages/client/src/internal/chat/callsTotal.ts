/** The fragments of several tool calls, each put to its own. */
import type { ResultToolCall } from "../../GenerationResult.js"
import { type CallSigns, CallTotal, signsOf } from "./callTotal.js"
import { isNullish } from "./text.js"

/** Where a piece stands: at its index, or at its place among the others of its event. */
interface Where {
  readonly lane: number
  readonly isNumbered: boolean
}

/** So many calls are looked through for one that a piece may be of. */
const mostLookedThrough = 64

/**
 * The calls of a message. A piece is of the call with its id. One without an id, or with the first that its call gets, is
 * of the last call at its index, which is the place where it stands if it has none. Another call begins with a new id,
 * with another name after arguments, and with any name after complete ones: not all services number their calls.
 *
 * @internal
 */
export class CallsTotal {
  private readonly calls: Array<{ readonly lane: number; readonly order: number; readonly call: CallTotal }> = []
  private readonly lasts = new Map<number, CallTotal>()
  private readonly byId = new Map<string, CallTotal>()

  add(calls: ReadonlyArray<ResultToolCall>): number {
    let size = 0
    calls.forEach((piece, place) => {
      const signs = signsOf(piece)
      const where = { lane: piece.index ?? place, isNumbered: !isNullish(piece.index) }
      const call = this.find(signs, where) ?? this.begin(signs, where)
      if (!call.repeats(signs)) size += call.add(piece)
    })
    return size
  }

  get(): ReadonlyArray<ResultToolCall> {
    const lanes = new Set<number>()
    const calls: Array<ResultToolCall> = []
    for (const { call, lane } of Array.from(this.calls).sort((a, b) => a.order - b.order)) {
      // An id alone is no call where there are others.
      if (call.isNamed || !lanes.has(lane)) calls.push(call.get())
      lanes.add(lane)
    }
    const indexes = calls.flatMap(({ index }) => isNullish(index) ? [] : [index])
    return new Set(indexes).size === indexes.length ? calls : calls.map((call, index) => ({ ...call, index }))
  }

  private find(signs: CallSigns, where: Where): CallTotal | undefined {
    const { id, name } = signs
    const call = id === undefined
      ? this.withoutId(signs, where)
      : this.byId.get(keyOf(id, where)) ?? this.withNewId(id, signs, where)
    if (call === undefined || !call.isOther(signs) || call.repeats(signs)) return call
    return id === undefined ? this.unfinished(name, where.isNumbered ? where.lane : undefined) : undefined
  }

  private withoutId({ name }: CallSigns, { isNumbered, lane }: Where): CallTotal | undefined {
    const call = this.lasts.get(lane)
    const isSure = isNumbered || name !== undefined || call?.isComplete === false
    return isSure ? call : this.unfinished(undefined, undefined) ?? call
  }

  private withNewId(id: string, signs: CallSigns, where: Where): CallTotal | undefined {
    const call = this.lasts.get(where.lane)
    if (call === undefined || signs.name !== undefined) return undefined
    // It comes late, or changes with each piece.
    const isSame = !call.hasId || (where.isNumbered && signs.arguments !== undefined && !call.isComplete)
    if (!isSame) return undefined
    this.register(id, where, call)
    return call
  }

  private unfinished(name: string | undefined, lane: number | undefined): CallTotal | undefined {
    const least = Math.max(0, this.calls.length - mostLookedThrough)
    for (let i = this.calls.length - 1; i >= least; i--) {
      const entry = this.calls[i]
      if (entry === undefined || entry.call.isComplete) continue
      if ((lane ?? entry.lane) === entry.lane && (name ?? entry.call.called) === entry.call.called) return entry.call
    }
    return undefined
  }

  private begin({ id, name }: CallSigns, where: Where): CallTotal {
    const { isNumbered, lane } = where
    const call = new CallTotal()
    // Its name was said when it seemed to be that of the call before.
    const before = this.lasts.get(lane)?.called ?? ""
    if (id === undefined && name === undefined && before !== "") call.add({ function: { name: before } })
    this.calls.push({ lane, order: isNumbered ? lane : this.calls.length, call })
    this.lasts.set(lane, call)
    if (id !== undefined) this.register(id, where, call)
    return call
  }

  private register(id: string, { lane }: Where, call: CallTotal): void {
    this.byId.set(keyOf(id, { lane, isNumbered: true }), call)
    this.byId.set(keyOf(id, { lane, isNumbered: false }), call)
  }
}

/** Ids are the calls' own at each index; not all services have one for each call. */
const keyOf = (id: string, { isNumbered, lane }: Where): string => isNumbered ? `${lane} ${id}` : ` ${id}`
