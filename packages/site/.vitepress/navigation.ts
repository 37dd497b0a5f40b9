/**
 * Every page of the site, in the order of the sidebar. A page is the same file in both languages: `docs/<path>.md` and
 * `docs/zh/<path>.md`.
 */
export interface Page {
  readonly path: string
  readonly en: string
  readonly zh: string
}

export interface Group {
  readonly en: string
  readonly zh: string
  readonly pages: ReadonlyArray<Page>
}

export type Language = "en" | "zh"

export const groups: ReadonlyArray<Group> = [
  {
    en: "Start",
    zh: "入门",
    pages: [
      { path: "start", en: "Getting started", zh: "快速开始" },
      { path: "from-java", en: "From the Java SDK", zh: "从 Java SDK 迁移" },
      { path: "from-python", en: "From the Python SDK", zh: "从 Python SDK 迁移" },
      { path: "from-openai-node", en: "From openai-node", zh: "从 openai-node 迁移" },
      { path: "from-effect-3", en: "From Effect 3 to 4", zh: "从 Effect 3 到 4" },
      { path: "new-to-effect", en: "New to Effect", zh: "初识 Effect" },
      { path: "without-effect", en: "Without Effect", zh: "不用 Effect" }
    ]
  },
  {
    en: "Connections",
    zh: "连接",
    pages: [
      { path: "connections", en: "Connections and sessions", zh: "连接与会话" },
      { path: "knobs", en: "Every knob", zh: "全部参数" },
      { path: "tuning", en: "Tuning", zh: "调优" }
    ]
  },
  {
    en: "Guides",
    zh: "指南",
    pages: [
      { path: "calls", en: "Calls: key, endpoint, options", zh: "调用：密钥、地域、选项" },
      { path: "streams", en: "Streams", zh: "流式输出" },
      { path: "tools", en: "Tools", zh: "工具调用" },
      { path: "structured-output", en: "Structured output", zh: "结构化输出" },
      { path: "conversations", en: "Conversations", zh: "多轮对话" },
      { path: "effect-ai", en: "With @effect/ai", zh: "配合 @effect/ai" }
    ]
  },
  {
    en: "Services",
    zh: "服务",
    pages: [
      { path: "services/overview", en: "All services", zh: "服务总览" },
      { path: "services/generation", en: "Text generation", zh: "文本生成" },
      { path: "services/multimodal", en: "Multimodal", zh: "多模态" },
      { path: "services/embeddings", en: "Embeddings", zh: "向量" },
      { path: "services/rerank", en: "Rerank", zh: "重排序" },
      { path: "services/tokenization", en: "Tokenization", zh: "分词计数" },
      { path: "services/application", en: "Applications", zh: "智能体应用" },
      { path: "services/images", en: "Images", zh: "图像" },
      { path: "services/videos", en: "Videos", zh: "视频" },
      { path: "services/transcription", en: "Transcription", zh: "录音文件识别" },
      { path: "services/speech-synthesis", en: "Speech synthesis", zh: "语音合成" },
      { path: "services/speech-recognition", en: "Speech recognition", zh: "实时语音识别" },
      { path: "services/speech-translation", en: "Speech translation", zh: "实时语音翻译" },
      { path: "services/realtime", en: "Realtime", zh: "实时多模态" },
      { path: "services/files", en: "Files", zh: "文件" },
      { path: "services/batch", en: "Batches", zh: "批量推理" },
      { path: "services/tasks", en: "Tasks", zh: "异步任务" },
      { path: "services/models", en: "Models and training", zh: "模型与训练" },
      { path: "services/others", en: "Other services", zh: "其他服务" }
    ]
  },
  {
    en: "Reliability",
    zh: "可靠性",
    pages: [
      { path: "errors", en: "Errors", zh: "错误" },
      { path: "retries", en: "Retries", zh: "重试" },
      { path: "quotas", en: "Quotas", zh: "限额" },
      { path: "shared-quotas", en: "Quotas of several processes", zh: "多进程共享限额" },
      { path: "adaptive-concurrency", en: "Adaptive concurrency", zh: "自适应并发" },
      { path: "bulk", en: "Work in bulk", zh: "大批量处理" }
    ]
  },
  {
    en: "In production",
    zh: "生产环境",
    pages: [
      { path: "seeing-inside", en: "Seeing inside", zh: "观测与排障" },
      { path: "testing", en: "Testing", zh: "测试" },
      { path: "runtimes", en: "Runtimes and bundlers", zh: "运行时与打包" },
      { path: "recipes", en: "Recipes", zh: "实例" },
      { path: "benchmarks", en: "Benchmarks", zh: "性能测试" },
      { path: "architecture", en: "Architecture", zh: "架构" }
    ]
  }
]

export const pages: ReadonlyArray<Page> = groups.flatMap((group) => group.pages)
