/** How a scope runs its finalizers. */
export const sequential = "sequential"
export const parallel = "parallel"
