/** One header of an answer, by its name in lower case. */
type FindHeader = (name: string) => string | undefined

/** Where the headers of an answer are found. @internal */
export interface Head {
  readonly header: FindHeader
}

/** Its constructor gives back what it was given, so that a class that extends it adds its fields to that. */
class Given {
  constructor(value: object) {
    return value
  }
}

/**
 * A private field on values that others made: nobody sees it, no comparison, copy or JSON of the value has it, and unlike
 * in a WeakMap it costs nothing to set.
 */
class Stamp extends Given {
  #head: Head

  constructor(value: object, head: Head) {
    super(value)
    this.#head = head
  }

  static of(value: object): Head | undefined {
    return #head in value ? value.#head : undefined
  }

  static set(value: object, head: Head): void {
    if (#head in value) value.#head = head
    else new Stamp(value, head)
  }
}

/** Remembers, with what an answer was decoded to, where its headers are. @internal */
export const attach = <A extends object>(value: A, head: Head | undefined): A => {
  if (head !== undefined && Object.isExtensible(value)) Stamp.set(value, head)
  return value
}

/** Where the headers of the answer are that a value was decoded from. @internal */
export const of = (value: object): Head | undefined => Stamp.of(value)
