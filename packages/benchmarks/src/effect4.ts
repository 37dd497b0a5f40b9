/** The same client on Effect 4, where it can be had: its tree is made and installed, and compiled as this one is. */
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { build as tree, generate } from "../../effect4/src/generate.js"
import { install, node } from "../../effect4/src/installed.js"
import { transform } from "../../effect4/src/transform.js"
import { type Build, compileFrom, type Programs } from "./build.js"
import { versionOf } from "./installedSize.js"
import { reasonOf } from "./others.js"

export interface Effect4 extends Programs {
  /** What runs the clients of both lines in a run that has this one. */
  readonly node: string
  readonly nodeVersion: string
  readonly versions: Readonly<Record<string, string>>
}

const setUp = async ({ folder }: Build): Promise<Effect4> => {
  generate()
  install()
  const command = node()
  const programs = await compileFrom(
    tree,
    join(folder, "effect4"),
    (text, file) => transform(text, file, undefined)
  )
  const versions: Record<string, string> = {}
  for (const name of ["effect", "effect-dashscope"]) {
    versions[`${name} (Effect 4)`] = (await versionOf(name, programs.folder)) ?? "?"
  }
  return {
    ...programs,
    node: command,
    nodeVersion: execFileSync(command, ["--version"], { encoding: "utf8" }).trim(),
    versions
  }
}

/** Or why there is none. */
export const prepare = (build: Build): Effect.Effect<Either.Either<Effect4, string>> =>
  Effect.either(Effect.tryPromise({ try: () => setUp(build), catch: reasonOf }))
