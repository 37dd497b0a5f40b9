import type { Start } from "./client.js"
import type * as EffectDashscope from "./clients/effectDashscope.js"

/** Loaded by name, so that a process has in memory only what it measures. */
export const starts: Readonly<Record<string, () => Promise<Start>>> = {
  undici: async () => (await import("./clients/undici.js")).start,
  "undici-dispatch": async () => (await import("./clients/undiciDispatch.js")).start,
  fetch: async () => (await import("./clients/fetch.js")).start,
  axios: async () => (await import("./clients/axios.js")).start,
  openai: async () => (await import("./clients/openai.js")).start,
  ai: async () => (await import("./clients/ai.js")).start,
  "effect-platform": async () => (await import("./clients/effectPlatform.js")).start,
  "effect-ai-openai": async () => (await import("./clients/effectAiOpenai.js")).start,
  "effect-dashscope-ai": async () => (await import("./clients/effectDashscopeAi.js")).start,
  "effect-dashscope": async () => (await import("./clients/effectDashscope.js")).start,
  "effect-dashscope-traced": async () => (await import("./clients/effectDashscope.js")).startTraced,
  // The same program over another build; it is made by `build.ts`.
  "effect-dashscope-unobserved": async () => {
    const unobserved = "./clients/effectDashscopeUnobserved.js"
    return (await import(unobserved) as typeof EffectDashscope).start
  },
  "effect-dashscope-deadlines": async () => (await import("./clients/effectDashscope.js")).startWithDeadlines,
  // The same programs on Effect 4, in a folder that `effect4.ts` makes.
  "effect-dashscope-4": async () => (await import("./clients/effectDashscope.js")).start,
  "effect-dashscope-traced-4": async () => (await import("./clients/effectDashscope.js")).startTraced,
  "effect-dashscope-deadlines-4": async () => (await import("./clients/effectDashscope.js")).startWithDeadlines
}
