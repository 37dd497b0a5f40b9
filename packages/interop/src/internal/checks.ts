/** What a program of another language reports: lines `ok <check>` and `FAIL <check>\t<why>`, and `end <count>` last. */

/** One thing that was looked at; `problem` where it was not as it should be. */
export interface Check {
  readonly name: string
  readonly problem: string | undefined
}

export const passed = (name: string): Check => ({ name, problem: undefined })

export const failed = (name: string, problem: string): Check => ({ name, problem })

/** How a process ended: its exit code, or `undefined` where it had to be stopped. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | undefined
}

const parseLine = (line: string): Check | undefined => {
  if (line.startsWith("ok ")) {
    return passed(line.slice(3))
  }
  const [, name, problem] = /^FAIL (.*?)\t(.*)$/.exec(line) ?? []
  return name === undefined || problem === undefined ? undefined : failed(name, problem)
}

const lastLines = (text: string, count: number): string =>
  text.trimEnd().split("\n").slice(-count).map((line) => line.trim()).join(" / ")

/** The checks of a program, and one more where it did not get to its end or its exit code says something else. */
export const readChecks = (ended: Ended): ReadonlyArray<Check> => {
  const lines = ended.stdout.split(/\r?\n/)
  const checks = lines.flatMap((line) => parseLine(line) ?? [])
  const announced = lines.flatMap((line) => /^end (\d+)$/.exec(line)?.[1] ?? []).map(Number)
  const anyFailed = checks.some(({ problem }) => problem !== undefined)
  const problem = ended.exitCode === undefined
    ? "it was stopped, since it took too long"
    : announced.length !== 1
    ? `it ended with code ${ended.exitCode} before it was done: ${lastLines(ended.stderr, 3)}`
    : announced[0] !== checks.length
    ? `it announced ${announced[0]} checks, and ${checks.length} were read`
    : (ended.exitCode !== 0) !== anyFailed
    ? `it ended with code ${ended.exitCode}`
    : undefined
  return problem === undefined ? checks : [...checks, failed("the program runs to its end", problem)]
}
