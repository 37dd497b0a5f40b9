/** The words of the report of benchmarks in Chinese: titles, units and goals, each as a whole. */
export const words: Readonly<Record<string, string>> = {
  // groups
  "Calls": "调用",
  "Streams": "流式",
  "Memory": "内存",
  "Calls while others wait": "有调用排队时",
  "Start": "启动",
  // measures
  "One call after another": "逐个调用",
  "32 calls in flight": "32 个并发调用",
  "32 calls in flight, in a process that does more": "32 个并发调用，进程同时做其他事",
  "The first 1,000 calls of a process, 32 in flight": "进程最初的 1,000 次调用，32 个并发",
  "32 calls in flight, over TLS": "32 个并发调用，经 TLS",
  "256 calls in flight": "256 个并发调用",
  "256 in flight, 50 ms each": "256 个并发，每次 50 毫秒",
  "Stream of 2,000 events": "2,000 个事件的流",
  "Stream of 20,000 events": "20,000 个事件的流",
  "Stream of one event per millisecond": "每毫秒一个事件的流",
  "Stream of 20,000 events, over TLS": "20,000 个事件的流，经 TLS",
  "Time to the first event of a stream": "流的首个事件耗时",
  "Heap for each of 1,000 calls in flight": "1,000 个并发调用，每个占用的堆内存",
  "Heap for each of 10,000 calls that wait for 32 connections": "10,000 个调用等待 32 条连接，每个占用的堆内存",
  "Heap retained after a stream of 20,000 events": "20,000 个事件的流结束后仍占用的堆内存",
  "10 waiting for 32 connections": "10 个调用等待 32 条连接",
  "100 waiting for 32 connections": "100 个调用等待 32 条连接",
  "1,000 waiting for 32 connections": "1,000 个调用等待 32 条连接",
  "10,000 waiting for 32 connections": "10,000 个调用等待 32 条连接",
  "Import": "导入",
  "Layer built, no call": "构建 Layer，不调用",
  "Installed size": "安装体积",
  // columns
  "CPU": "CPU",
  "wall": "时钟时间",
  "share": "占比",
  "CPU µs per call": "每次调用 CPU 微秒",
  "CPU µs per event": "每个事件 CPU 微秒",
  "time": "时间",
  "with its connection": "含连接",
  "connection not counted": "不含连接",
  "heap": "堆内存",
  "size": "体积",
  "packages": "包数",
  // units
  "µs per call": "微秒/次",
  "µs per event": "微秒/事件",
  "% of 5,120 calls/s": "% (每秒 5,120 次为上限)",
  "ms": "毫秒",
  "KiB": "KiB",
  "MB": "MB",
  // clients
  "effect-dashscope, traced": "effect-dashscope，带追踪",
  "effect-dashscope, call deadlines": "effect-dashscope，带调用时限",
  "effect-dashscope, nothing observed": "effect-dashscope，关闭观测",
  "what effect-dashscope loads": "effect-dashscope 加载的依赖",
  "Python dashscope, session": "Python dashscope，用会话",
  "Java dashscope-sdk-java, pool": "Java dashscope-sdk-java，用连接池",
  "@effect/platform over undici": "@effect/platform 经 undici",
  // goals
  "effect-dashscope, everything on": "effect-dashscope，功能全开",
  "goal": "目标",
  "measured": "实测",
  "met": "达到",
  "**missed**": "**未达到**",
  "not in this run": "本次未测",
  "CPU per call, 32 in flight, beside raw undici": "每次调用的 CPU，32 个并发，与 undici 之比",
  "the same in a process that also streams, and has headers and deadlines of calls, beside raw undici":
    "同上，但进程同时处理流，并带请求头与调用时限，与 undici 之比",
  "CPU per call with all three deadlines, beside raw undici": "带全部三种时限时每次调用的 CPU，与 undici 之比",
  "the same in such a process, beside raw undici": "同上，在这样的进程中，与 undici 之比",
  "CPU per call inside a span, beside raw undici": "在 span 之内每次调用的 CPU，与 undici 之比",
  "CPU of the first 1,000 calls of a process, beside raw undici": "进程最初 1,000 次调用的 CPU，与 undici 之比",
  "share of the limit, 256 in flight, 50 ms each": "上限占比，256 个并发，每次 50 毫秒",
  "CPU per event of a stream of 20,000, beside raw undici": "20,000 个事件的流，每个事件的 CPU，与 undici 之比",
  "CPU per event, each sent alone, beside raw undici": "事件逐个发送时每个事件的 CPU，与 undici 之比",
  "heap per call in flight, with its connection": "每个并发调用的堆内存，含连接",
  "CPU per call with 10,000 waiting, beside 10 waiting": "10,000 个排队时每次调用的 CPU，与 10 个排队时之比",
  "CPU per call over TLS, beside raw undici": "经 TLS 每次调用的 CPU，与 undici 之比",
  "CPU per event of a stream over TLS, beside raw undici": "经 TLS 的流，每个事件的 CPU，与 undici 之比",
  "import with all services, beside the modules of others that it loads": "导入全部服务，与其加载的依赖之比",
  "the layer built, without a call": "构建 Layer，不调用"
}

/** A cell of a table: known as a whole, or a title with its column and unit, or a name that stays. */
const cell = (text: string): string => {
  const known = words[text]
  if (known !== undefined) return known
  const [, title = "", column = "", unit = ""] = /^(.+): (.+), (.+?)$/.exec(text) ?? []
  return words[title] === undefined || words[column] === undefined || words[unit] === undefined
    ? text
    : `${words[title]}：${words[column]}，${words[unit]}`
}

const sentences: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /^Made by (`.*?`) on (\S+), (\d+) rounds, (\d+) (\w+)\. (.*); client pinned to core 0, server to core 1\. /gm,
    "由 $1 于 $2 生成，共 $3 轮，用时 $4 $5。$6；客户端固定在 0 号核，服务器固定在 1 号核。"
  ],
  [
    /^Other programs took (\S+) % of the machine meanwhile \(median; (\S+) % at worst\)\./gm,
    "期间其他程序占用本机 $1 %（中位数；最高 $2 %）。"
  ],
  [
    /^Medians; in brackets how many times raw undici's of the same round\..*$/gm,
    "表中为中位数，括号内是同一轮中 undici 的倍数。除上限占比外，数值越小越好。"
  ],
  [/The main measures as charts/g, "主要指标图"]
]

/** A part of the report in Chinese. What has no words here stays as it is. */
export const translated = (report: string): string =>
  sentences.reduce((text, [english, chinese]) => text.replaceAll(english, chinese), report)
    .replaceAll(/^### (.+)$/gm, (_, title: string) => `### ${cell(title)}`)
    .replaceAll(
      /^\|.*\|$/gm,
      (line) => `| ${line.slice(1, -1).split(" | ").map((text) => cell(text.trim())).join(" | ")} |`
    )
