import * as answers from "../answers.js"
import { baseline, needed, neededOn4, subjects } from "../clients.js"
import { groups, type Measure, measures } from "../measures.js"
import { othersBusy, type Results, type Row, rowsOf } from "../results.js"
import type { Summary } from "../statistics.js"
import { format, spread, times } from "./format.js"
import { goalsOf } from "./goals.js"
import { pairsOf } from "./lines.js"

/** Columns are as wide as their widest cell, so that the text reads without a renderer too. */
export const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  right: (column: number) => boolean = (column) => column > 0
): string => {
  const cell = (row: ReadonlyArray<string>, column: number) => (row[column] ?? "").replaceAll("|", "\\|")
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...rows].map((row) => [...cell(row, column)].length))
  )
  const pad = (text: string, column: number) => {
    const blank = " ".repeat((widths[column] ?? 0) - [...text].length)
    return right(column) ? blank + text : text + blank
  }
  const line = (row: ReadonlyArray<string>) => `| ${header.map((_, i) => pad(cell(row, i), i)).join(" | ")} |`
  const rule = `| ${widths.map((width, i) => right(i) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)).join(" | ")} |`
  return [line(header), rule, ...rows.map(line)].join("\n")
}

export const titleOf = (client: string): string =>
  [...subjects, needed, neededOn4].find(({ name }) => name === client)?.title ?? client

const chosen = (results: Results): ReadonlyArray<Measure> =>
  measures.filter(({ name }) => results.measures.includes(name))

const none = "–"

const median = (summary: Summary | undefined): string => summary === undefined ? none : format(summary.median)

const ifMore = (summary: Summary | undefined, show: (value: number) => string): string =>
  summary === undefined ? none : spread(summary, show)

/** All clients beside the measures of a group: the median of the first column, and its ratio. */
const overview = (results: Results, group: Measure["group"]): ReadonlyArray<string> => {
  const shown = chosen(results).filter((measure) => measure.group === group)
  const rows = shown.map((measure) => rowsOf(results, measure, baseline))
  const clients = results.clients.filter((client) => rows.some((rows) => rows.some((row) => row.client === client)))
  const cell = (measure: Measure, rows: ReadonlyArray<Row>, client: string): string => {
    const row = rows.find((row) => row.client === client)
    if (row === undefined) return none
    const value = median(row.columns.get(measure.columns[0].key)) + (row.isSettled ? "" : " †")
    return row.ratio === undefined || measure.better === "more" ? value : `${value} (${times(row.ratio.median)})`
  }
  return clients.length === 0 ? [] : [
    `### ${group}`,
    "",
    table(
      ["", ...shown.map(({ columns, title, unit }) => `${title}: ${columns[0].title}, ${unit}`)],
      clients.map((client) => [
        titleOf(client),
        ...shown.map((measure, i) => cell(measure, rows[i] ?? [], client))
      ])
    ),
    ""
  ]
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? ""

const details = (results: Results, measure: Measure): string => {
  const rows = rowsOf(results, measure, baseline)
  const hasServer = rows.some(({ serverBusy }) => serverBusy !== undefined)
  const [first, ...others] = measure.columns
  const hasRatio = measure.isCompared && rows.some(({ ratio }) => ratio !== undefined)
  const row = (row: Row): ReadonlyArray<string> => [
    titleOf(row.client) + (row.isSettled ? "" : " †"),
    median(row.columns.get(first.key)),
    ifMore(row.columns.get(first.key), format),
    ...(hasRatio ? [row.ratio === undefined ? none : times(row.ratio.median), ifMore(row.ratio, times)] : []),
    ...others.map(({ key }) => median(row.columns.get(key))),
    ...(hasServer
      ? [row.serverBusy === undefined ? none : `${format(row.serverBusy)} %`, median(row.connections)]
      : [])
  ]
  const absent = results.missing.filter((missing) => missing.measure === measure.name)
  return [
    `### ${measure.title}`,
    "",
    `In ${measure.unit}${measure.better === "more" ? "; more is better" : ""}.${
      measure.note === undefined ? "" : ` ${measure.note}`
    }${measure._tag === "Worker" ? ` What the process had done before: ${measure.history}.` : ""}`,
    "",
    table([
      "",
      first.title,
      "min – max",
      ...(hasRatio ? [`× ${baseline}`, "min – max"] : []),
      ...others.map(({ title }) => title),
      ...(hasServer ? ["server busy", "connections"] : [])
    ], rows.map(row)),
    ...(absent.length === 0 ? [] : [
      "",
      ...absent.map(({ client, reason }) => `- ${titleOf(client)} failed: ${firstLine(reason)}`)
    ])
  ].join("\n")
}

const work = (results: Results): string => {
  const bytes = new Map<string, number>()
  for (const { client, measure, seen } of results.samples) {
    // Only the requests of calls: those of streams have more headers.
    const isCall = measures.some((of) => of.name === measure && of._tag === "Worker" && of.needs !== "stream")
    if (seen !== undefined && isCall && !bytes.has(client)) bytes.set(client, seen.requestBytes)
  }
  const shown = subjects.filter(({ name }) => results.clients.includes(name))
  return table(
    ["", "how", "request", "answer", "decoding", "deadlines", "waiting calls"],
    shown.map(({ bounded, deadlines, decoding, name, shape, title, work }) => [
      title,
      work,
      bytes.has(name) ? `${format(bytes.get(name) ?? 0)} B` : none,
      `${format(Buffer.byteLength(answers.answerBody(shape)))} B`,
      decoding,
      deadlines,
      bounded ? "wait for a connection" : "open another connection"
    ]),
    (column) => column === 2 || column === 3
  )
}

const goals = (results: Results): string =>
  table(
    ["effect-dashscope, everything on", "goal", "measured", ""],
    goalsOf(results).map(({ goal, isMet, measured, what }) => [
      what,
      goal,
      measured ?? "not in this run",
      isMet === undefined ? "" : isMet ? "met" : "**missed**"
    ]),
    (column) => column === 1 || column === 2
  )

const onBothLines = (results: Results): ReadonlyArray<string> => {
  const pairs = pairsOf(results)
  return pairs.length === 0 ? [] : [
    "## Both lines",
    "",
    "The same source on Effect 3 and, transformed, on Effect 4: medians of what each measure compares, and the ratio of the same round.",
    "",
    table(
      ["", "", "Effect 3", "Effect 4", "ratio", "min – max"],
      pairs.map(({ client, measure, on3, on4, ratio, unit }) => [
        `${measure}, ${unit}`,
        titleOf(client),
        format(on3),
        format(on4),
        `${ratio.median.toFixed(2)}×`,
        spread(ratio, (value) => `${value.toFixed(2)}×`)
      ]),
      (column) => column > 1
    ),
    ""
  ]
}

const minutes = (seconds: number): string => seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`

const machineLine = (results: Results): string => {
  const { machine, pinning, versions } = results
  return [
    `Node ${machine.node} on ${machine.platform}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${pinning}.`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ") + "."
  ].join(" ")
}

/** A machine with other work on it gives other numbers; the reader has to know. */
const quietBelow = 3

const quietness = (results: Results): string => {
  const others = othersBusy(results)
  if (others === undefined) return ""
  const [typical, worst] = [format(others.median), format(others.max)]
  return others.median < quietBelow
    ? `Other programs took ${typical} % of the machine meanwhile (median; ${worst} % at worst).`
    : `**The machine was not quiet: other programs took ${typical} % of it (median; ${worst} % at worst). Times on the ` +
      "clock are too long; CPU times and ratios suffer less.**"
}

const unmeasured = (results: Results): ReadonlyArray<string> =>
  results.missing.flatMap(({ client, measure, reason }) =>
    measure === undefined ? [`- ${titleOf(client)}: ${firstLine(reason)}`] : []
  )

const title: Readonly<Record<Results["mode"], string>> = {
  full: "What a call costs",
  quick: "What a call costs: a quick look",
  tiny: "What a call costs: a trial"
}

const caveat: Readonly<Record<Results["mode"], ReadonlyArray<string>>> = {
  full: [],
  quick: [
    "**A quick look: short windows, few rounds, few measures.** Many clients are measured before their code is fully " +
    "compiled (†), and look more expensive than they are; the larger a client, the more. For numbers to quote, run it without " +
    "`--quick`.",
    ""
  ],
  tiny: ["**A trial of the harness. No number here means anything.**", ""]
}

/** The report of a run. */
export const markdown = (results: Results, chart: string): string => {
  const skipped = unmeasured(results)
  const isUnsettled = results.samples.some(({ isSettled }) => isSettled === false)
  return [
    `# ${title[results.mode]}`,
    "",
    ...caveat[results.mode],
    `Made by \`npm run bench${results.mode === "quick" ? " -- --quick" : ""}\` on ${results.startedAt.slice(0, 10)}, ` +
    `${results.rounds} ${results.rounds === 1 ? "round" : "rounds"}${
      results.isCut === true ? " and a part of another" : ""
    }, ${minutes(results.seconds)}. ${machineLine(results)}`,
    "",
    quietness(results),
    "",
    `![The main measures as charts](${chart})`,
    "",
    "## Goals",
    "",
    goals(results),
    "",
    ...onBothLines(results),
    "## Overview",
    "",
    `Medians; in brackets how many times raw undici's of the same round. Less is better, but for the share of the limit.`,
    "",
    ...groups.flatMap((group) => overview(results, group)),
    "## How it is measured",
    "",
    "- Each measure of each client runs in a process of its own, one at a time, on one core; the server runs on the " +
    "other. In each round every client has its turn, another one first each time.",
    "- A client warms up until four batches in a row did not become cheaper; only then it is measured" +
    (isUnsettled ? ". † marks those that had not settled in time." : "."),
    "- CPU is that of the client's whole process, garbage collection and compiler threads included, user and system. " +
    "*Server busy* is the server's CPU over the time on the clock, of one core, at its highest.",
    "- Connections are those opened from the start of the process to the end of the measurement, warm-up included.",
    "- The server is a socket server that writes bytes made before; all answers are on loopback, without " +
    "compression, and without TLS where nothing else is said. A stream's events come in pieces of 16 KiB, as TLS would deliver them at most, cut wherever they " +
    "fall; in the paced stream each comes alone.",
    "- Every answer is checked: the text of a call, the number and the characters of a stream's events.",
    "- Effect clients run in as many fibers as calls are in flight, the others in as many promise loops (threads, in " +
    "Python and Java).",
    "- The library is measured as it is published, compiled to JavaScript.",
    "",
    "## What each client does",
    "",
    "The same questions and answers, but not the same work. Three protocols are spoken: DashScope's own, OpenAI's chat " +
    "completions (openai, ai) and OpenAI's responses (@effect/ai-openai). *Request* is the whole of it, with headers; " +
    "*answer* is its body.",
    "",
    work(results),
    "",
    ...(skipped.length === 0 ? [] : ["Not measured:", "", ...skipped, ""]),
    "## All measures",
    "",
    ...chosen(results).flatMap((measure) => [details(results, measure), ""])
  ].join("\n").replace(/\n{3,}/g, "\n\n").trimEnd() + "\n"
}

/** What is printed at the end of a run. */
export const summary = (results: Results): string =>
  [
    ...chosen(results).map((measure) => details(results, measure)),
    onBothLines(results).join("\n").trimEnd(),
    `${machineLine(results)} ${quietness(results)}`,
    ...(results.samples.some(({ isSettled }) => isSettled === false)
      ? ["† had not settled when it was measured."]
      : []),
    ...unmeasured(results)
  ].filter((part) => part !== "").join("\n\n")
