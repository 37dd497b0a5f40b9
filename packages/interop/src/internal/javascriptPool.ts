/** What the programs of `javascript` use of ours: they run in a folder with the SDKs, where this is bundled. */
import * as ConnectionConfig from "effect-dashscope/ConnectionConfig"
import * as ConnectionPool from "effect-dashscope/ConnectionPool"
import * as Fetch from "effect-dashscope/Fetch"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"

/** A fetch over a pool of so many connections. Attempts are counted, so the pool makes none of its own. */
export const open = async (connectionPoolSize: number) => {
  const config = ConnectionConfig.make({ connectionPoolSize, resendOnStaleConnection: false })
  const runtime = ManagedRuntime.make(Fetch.layer(config))
  return {
    fetch: await runtime.runPromise(Fetch.Fetch),
    stats: () =>
      runtime.runPromise(Effect.map(ConnectionPool.stats, ({ inFlight, waiting }) => ({ inFlight, waiting }))),
    close: () => runtime.dispose()
  }
}
