import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")

const collect = runInNewContext("gc") as () => void

/**
 * Collects all garbage. Once is not enough for buffers: they are freed by a thread, which on a busy machine may not have
 * come to it; the next collection waits for it.
 */
export const collectGarbage = (): void => {
  collect()
  collect()
}
