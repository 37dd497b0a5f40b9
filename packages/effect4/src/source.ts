/** A file that is transformed, as the rules see it. */
import type ts from "typescript"

/** Replaces the characters from `start` up to `end`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** What the rules of a file see of it. */
export interface Source {
  readonly file: ts.SourceFile
  /** `Effect.map` for the expression or the name `Eff.map`, where `Eff` is what the file calls `effect/Effect`. */
  readonly member: (node: ts.Node) => string | undefined
  readonly edit: (start: number, end: number, text: string) => void
  /** What the file calls this module; it is imported where it was not. */
  readonly gain: (specifier: string) => string
  /** The namespaces in this node are not used there any more. */
  readonly drop: (node: ts.Node) => void
}
