/**
 * A constructor of what `{}` makes: plain objects, for shapes that are made once an event.
 *
 * V8 notes of each literal in a program how long its objects live. Where the first ones lived long, because a burst of events
 * came before anybody had taken them, it makes all later ones of that literal in the old generation, and there a dead one
 * keeps alive whatever it leads to until the next full collection. Of what a constructor makes it notes nothing.
 *
 * The fields that `A` requires are for the caller to set.
 *
 * @internal
 */
export const constructorOf = <A extends object>(): new() => A => {
  const construct = function() {}
  construct.prototype = Object.prototype
  return construct as unknown as new() => A
}

const nothing: ReadonlyArray<never> = []

/** What `[]` makes, by a copy, which V8 notes nothing of either. @internal */
export const emptyArray = <A>(): Array<A> => nothing.slice()
