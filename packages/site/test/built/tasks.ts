/** What a newcomer wants to do, the words they click on from the start page, and what they have to find there. */
export interface Task {
  readonly name: string
  readonly clicks: { readonly en: ReadonlyArray<string>; readonly zh: ReadonlyArray<string> }
  /** In the section that the last click leads to, in both languages. */
  readonly answer: ReadonlyArray<string>
}

export const tasks: ReadonlyArray<Task> = [
  {
    name: "set the pool to 256",
    clicks: { en: ["set the pool to 256"], zh: ["把连接池设为 256"] },
    answer: ["connectionPoolSize: 256", "DashScope.layer"]
  },
  {
    name: "use a company CA",
    clicks: { en: ["use a company CA"], zh: ["使用企业自有 CA 证书"] },
    answer: ["tls: { ca", "ConnectionConfig"]
  },
  {
    name: "stream to a browser",
    clicks: { en: ["stream an answer to a browser"], zh: ["把回答流式输出到浏览器"] },
    answer: ["streamText", "HttpServerResponse.stream"]
  },
  {
    name: "find why calls take 30 s",
    clicks: { en: ["find out why calls take 30 s"], zh: ["找出调用为什么要 30 秒"] },
    answer: ["http.client.pool.wait.duration", "connectionPoolSize", "acquireTimeout"]
  },
  {
    name: "mock in a test",
    clicks: { en: ["mock the model in a test"], zh: ["在测试中模拟模型"] },
    answer: ["Testing.layer", "it.effect"]
  },
  {
    name: "switch region",
    clicks: { en: ["switch the region"], zh: ["切换地域"] },
    answer: ["endpoint: \"singapore\"", "dashscope-intl.aliyuncs.com"]
  },
  {
    name: "describe an image",
    clicks: { en: ["describe an image"], zh: ["描述一张图片"] },
    answer: ["MultiModalMessage.image(Media.file("]
  },
  {
    name: "embed a corpus",
    clicks: { en: ["embed a corpus"], zh: ["为语料库生成向量"] },
    answer: ["TextEmbedding.embedMany", "concurrency"]
  },
  {
    name: "wait for a video",
    clicks: { en: ["wait for a video"], zh: ["等待视频生成"] },
    answer: ["VideoSynthesis.", "waitTimeout"]
  },
  {
    name: "run without Effect",
    clicks: { en: ["run without Effect"], zh: ["不使用 Effect"] },
    answer: ["effect-dashscope/Promise", "await DashScope.make("]
  }
]
