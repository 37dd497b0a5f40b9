import * as Either from "effect/Either"
import { InputRequired } from "../../DashScopeError.js"

/** What is wrong with an input, by the name that the caller used. @internal */
export const inputRequired = (field: string, description: string): InputRequired =>
  new InputRequired({ field, description })

/** The same, in the place of what the input would have led to. @internal */
export const invalid = (field: string, description: string): Either.Either<never, InputRequired> =>
  Either.left(inputRequired(field, description))
