/** How many batches have a chance to cost less. */
const chances = 4

/** What counts as less. */
const gain = 0.03

/**
 * Whether batches no longer become cheaper: none of the last few cost clearly less than the cheapest before them. What
 * makes a batch dearer, as a collection or another program does, does not put this off, since it only adds.
 */
export const isSettled = (costs: ReadonlyArray<number>): boolean =>
  costs.length > chances &&
  Math.min(...costs.slice(-chances)) >= Math.min(...costs.slice(0, -chances)) * (1 - gain)
