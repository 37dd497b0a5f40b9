/** The fragments of a tool call, put together. */
import type { ResultToolCall } from "../../GenerationResult.js"
import { JsonEnd } from "../core/jsonEnd.js"
import { isNullish, last, type Nullish, Rest, Text } from "./text.js"

/** A call's fields that tell which call a piece is of; what is empty tells nothing. @internal */
export interface CallSigns {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly arguments: string | undefined
}

/** @internal */
export const signsOf = (call: ResultToolCall): CallSigns => {
  const args = call.function?.arguments
  return {
    id: call.id || undefined,
    name: call.function?.name || undefined,
    arguments: args && args.trim() !== "" ? args : undefined
  }
}

/** The fragments of one call. @internal */
export class CallTotal {
  private readonly rest = new Rest()
  private readonly functionRest = new Rest()
  private index: Nullish<number> = undefined
  private id: Nullish<string> = undefined
  private type: Nullish<string> = undefined
  private readonly name = new Text()
  private readonly arguments = new Text()
  private readonly end = new JsonEnd()
  private hasFunction: boolean | undefined = undefined
  private hasArguments = false
  /** Its name came again when its arguments were complete: more of those would be another call's. */
  private isNamedAgain = false

  /** The first fragment has id and name; in the others they are empty, missing, or the same again. */
  add(call: ResultToolCall): number {
    let size = 0
    for (const key in call) {
      switch (key) {
        case "index":
          this.index = last(this.index, call.index)
          break
        case "id":
          // The first that says something holds: some services number each fragment anew.
          if (!this.id) this.id = call.id || isNullish(this.id) ? last(this.id, call.id) : this.id
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

  get isComplete(): boolean {
    return this.end.isOver
  }

  get hasId(): boolean {
    return !!this.id
  }

  /** Whether there is something to call. */
  get isNamed(): boolean {
    return this.called !== "" || this.hasArguments
  }

  /** What it calls. */
  get called(): string {
    return this.name.get() ?? ""
  }

  /** Whether it says again what is complete, word for word. */
  repeats({ arguments: args, id }: CallSigns): boolean {
    return id !== undefined && id === this.id && this.isComplete && args === this.arguments.get()
  }

  /** Whether a piece that stands where this call's would stand is of another call. */
  isOther({ arguments: args, name }: CallSigns): boolean {
    if (name !== undefined && name !== this.called) return this.hasArguments
    return args !== undefined && this.isComplete && (name !== undefined || this.isNamedAgain)
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
      if (key === "name") size += this.addName(called.name)
      else if (key === "arguments") size += this.addArguments(called.arguments)
      else this.functionRest.add(key, Reflect.get(called, key))
    }
    return size
  }

  private addName(name: Nullish<string>): number {
    if (!name || name !== this.called) return this.name.add(name)
    if (this.isComplete) this.isNamedAgain = true
    return 0
  }

  private addArguments(args: Nullish<string>): number {
    if (args) {
      this.hasArguments ||= args.trim() !== ""
      this.end.add(args)
    }
    return this.arguments.add(args)
  }
}
