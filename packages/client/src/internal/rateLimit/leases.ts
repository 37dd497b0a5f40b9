/**
 * A number of calls that may run at once, each by a lease that expires: a process that dies gives its leases back by that.
 * Moments are milliseconds of one clock.
 */

/** Whose lease ends when. @internal */
export type Leases = Map<string, number>

/** Takes a lease, where fewer than `max` others are alive. A lease that is there already is renewed. @internal */
export const take = (leases: Leases, id: string, max: number, until: number, now: number): boolean => {
  if (!leases.has(id) && !hasRoom(leases, max, now)) return false
  leases.set(id, until)
  return true
}

/** @internal */
export const hasRoom = (leases: Leases, max: number, now: number): boolean => {
  if (leases.size < max) return true
  for (const [id, until] of leases) if (until <= now) leases.delete(id)
  return leases.size < max
}

/** A lease that has expired is not renewed: another may have its place. @internal */
export const renew = (leases: Leases, id: string, until: number, now: number): boolean => {
  const before = leases.get(id)
  if (before === undefined || before <= now) return false
  leases.set(id, until)
  return true
}
