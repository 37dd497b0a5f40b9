/**
 * Counts work instead of timing it: every read and write of a property, and every step over a Map or Set, of an object
 * and of whatever is reached through it. Code that visits more things costs more, and the same code costs the same on
 * every machine.
 *
 * Objects that are handed to the subject have to be wrapped too, so that it meets each of them in one form only. What
 * is held in `#private` fields cannot be seen through; a subject with such fields throws.
 */
export class Meter {
  private count = 0
  private readonly proxies = new WeakMap<object, object>()

  /** The operations since the last call. */
  take(): number {
    const { count } = this
    this.count = 0
    return count
  }

  wrap<A extends object>(target: A): A {
    return this.proxyOf(target) as A
  }

  private proxyOf(target: object): object {
    let proxy = this.proxies.get(target)
    if (proxy === undefined) {
      proxy = new Proxy(target, this.handler)
      this.proxies.set(target, proxy)
      this.proxies.set(proxy, proxy)
    }
    return proxy
  }

  private readonly seen = (value: unknown): unknown =>
    typeof value === "object" && value !== null ? this.proxyOf(value) : value

  private readonly handler: ProxyHandler<object> = {
    get: (target, key, receiver) => {
      this.count++
      if (target instanceof Map || target instanceof Set) return this.collection(target, key)
      return this.seen(Reflect.get(target, key, receiver))
    },
    set: (target, key, value) => {
      this.count++
      // On the target itself: with the proxy as the receiver, a second trap would see it again.
      return Reflect.set(target, key, value)
    }
  }

  private collection(target: Map<unknown, unknown> | Set<unknown>, key: PropertyKey): unknown {
    // The methods of Map and Set take nothing but the real ones.
    const found: unknown = Reflect.get(target, key, target)
    if (typeof found !== "function") return found
    return (...args: ReadonlyArray<unknown>): unknown => {
      const result: unknown = Reflect.apply(found, target, args)
      return isIterator(result) ? this.steps(result) : this.seen(result)
    }
  }

  private *steps(iterator: Iterable<unknown>): Generator<unknown> {
    for (const value of iterator) {
      this.count++
      yield this.seen(value)
    }
  }
}

const isIterator = (u: unknown): u is Iterable<unknown> =>
  typeof u === "object" && u !== null && "next" in u && Symbol.iterator in u
