import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { annotationsOf, showsHeaders } from "./platform.js"

/** Everything that leaves a trace: log lines of every level, spans with all they hold, and what was printed. */
export const makeSinks = (sentinel: string) => {
  const seen: Array<string> = []
  const show = (u: unknown) => {
    seen.push(inspect(u, { depth: 12, showHidden: true, getters: true }))
    seen.push(Inspectable.toStringUnknown(u))
    try {
      seen.push(JSON.stringify(u) ?? "")
    } catch {
      // Not all of it is JSON.
    }
    if (u instanceof Error) seen.push(u.message, u.stack ?? "")
  }
  const logger = Logger.make((entry) => {
    show(entry.message)
    show(annotationsOf(entry))
    seen.push(Cause.pretty(entry.cause))
  })
  const tracer = Tracer.make({
    context: (f) => f(),
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      seen.push(name)
      return {
        _tag: "Span",
        name,
        spanId: "span",
        traceId: "trace",
        parent,
        context,
        status: { _tag: "Started", startTime },
        attributes,
        links,
        sampled: true,
        kind,
        end: (_, exit) => {
          show(Object.fromEntries(attributes))
          if (Exit.isFailure(exit)) seen.push(Cause.pretty(exit.cause))
        },
        attribute: (key, value) => {
          attributes.set(key, value)
        },
        event: (name, _, attributes) => show({ name, attributes }),
        addLinks: () => {}
      }
    }
  })
  return {
    show,
    layer: Layer.mergeAll(
      Logger.replace(Logger.defaultLogger, logger),
      Logger.minimumLogLevel(LogLevel.All),
      Layer.setTracer(tracer),
      showsHeaders
    ),
    assertClean: () => {
      assert.isAbove(seen.length, 15)
      for (const text of seen) assert.notInclude(text, sentinel)
    }
  }
}
