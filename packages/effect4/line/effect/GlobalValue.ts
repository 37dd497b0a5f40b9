/** What there is once in a process, however often its module is loaded. */
const store = globalThis as unknown as Record<symbol, Map<unknown, unknown> | undefined>
const key = Symbol.for("effect-dashscope/GlobalValue")

export const globalValue = <A>(id: unknown, compute: () => A): A => {
  const values = store[key] ??= new Map<unknown, unknown>()
  if (!values.has(id)) values.set(id, compute())
  return values.get(id) as A
}
