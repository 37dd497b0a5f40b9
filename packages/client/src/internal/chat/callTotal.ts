/** The fragments of tool calls, put together. */
import type { ResultToolCall } from "../../GenerationResult.js"
import { isNullish, last, type Nullish, Rest, Text } from "./text.js"

class CallTotal {
  private readonly rest = new Rest()
  private readonly functionRest = new Rest()
  private index: Nullish<number> = undefined
  private id: Nullish<string> = undefined
  private type: Nullish<string> = undefined
  private readonly name = new Text()
  private readonly arguments = new Text()
  private hasFunction: boolean | undefined = undefined

  /** The first fragment has id and name; in the others they are empty or missing. */
  add(call: ResultToolCall): number {
    let size = 0
    for (const key in call) {
      switch (key) {
        case "index":
          this.index = last(this.index, call.index)
          break
        case "id":
          this.id = call.id || isNullish(this.id) ? last(this.id, call.id) : this.id
          break
        case "type":
          this.type = call.type || isNullish(this.type) ? last(this.type, call.type) : this.type
          break
        case "function":
          size += this.addFunction(call.function)
          break
        default:
          this.rest.add(key, Reflect.get(call, key))
      }
    }
    return size
  }

  get(): ResultToolCall {
    const { hasFunction, id, index, type } = this
    const name = this.name.get()
    const args = this.arguments.get()
    return {
      ...this.rest.get(),
      ...(index === undefined ? undefined : { index }),
      ...(id === undefined ? undefined : { id }),
      ...(type === undefined ? undefined : { type }),
      ...(hasFunction === undefined ? undefined : {
        function: !hasFunction ? null : {
          ...this.functionRest.get(),
          ...(name === undefined ? undefined : { name }),
          ...(args === undefined ? undefined : { arguments: args })
        }
      })
    }
  }

  private addFunction(called: ResultToolCall["function"]): number {
    if (isNullish(called)) {
      if (called === null) this.hasFunction ??= false
      return 0
    }
    this.hasFunction = true
    let size = 0
    for (const key in called) {
      if (key === "name") size += this.name.add(called.name)
      else if (key === "arguments") size += this.arguments.add(called.arguments)
      else this.functionRest.add(key, Reflect.get(called, key))
    }
    return size
  }
}

/** By their index; one without has the place where it stands. @internal */
export class CallsTotal {
  private readonly calls = new Map<number, CallTotal>()

  add(calls: ReadonlyArray<ResultToolCall>): number {
    let size = 0
    calls.forEach((call, place) => {
      const index = call.index ?? place
      let total = this.calls.get(index)
      if (total === undefined) this.calls.set(index, total = new CallTotal())
      size += total.add(call)
    })
    return size
  }

  get(): ReadonlyArray<ResultToolCall> {
    return byIndex(this.calls).map((call) => call.get())
  }
}

/** @internal */
export const byIndex = <A>(self: ReadonlyMap<number, A>): Array<A> =>
  Array.from(self).sort(([a], [b]) => a - b).map(([, value]) => value)
