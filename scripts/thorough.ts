/**
 * Whether the tests try all that they can. `npm test` tries a share, so that it takes seconds; `npm run test:thorough`,
 * a step of `.ci/run`, tries all.
 */
export const isThorough = process.env["THOROUGH"] === "true"

/** Whether to try a case, of a table of which `npm test` tries one in so many; the others are reported as skipped. */
export const isTried = (index: number, oneIn = 3): boolean => isThorough || index % oneIn === 0

/** How many of so many cases to try. */
export const casesOf = (all: number, share = 0.1): number => isThorough ? all : Math.ceil(all * share)
