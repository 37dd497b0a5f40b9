/**
 * A program without Effect: calls, a stream that is left early, tools, vectors, a task and an error, as Promises and async iterables.
 */
import { ApiError, DashScope, Generation, TextEmbedding, tool } from "effect-dashscope/Promise"
import * as Plain from "./internal/plain.js"

const service = await Plain.service()
console.log(`Asking: ${service.name}`)

const client = await DashScope.make({ ...service.options, connection: { connectionPoolSize: 8 } })
try {
  const { usage, ...result } = await client.generation.call({ model: "qwen-plus", prompt: "你是谁？" })
  console.log(`Answer: ${Generation.text(result)} (${usage?.totalTokens} tokens)`)

  // Leaving the loop gives the connection back at once.
  let begun = ""
  for await (const text of client.generation.streamText({ model: "qwen-plus", prompt: "Tell me a long story." })) {
    begun += text
    if (begun.length > 20) break
  }
  console.log(`Begun:  ${begun.replaceAll("\n", " ")}…; ${client.stats().inFlight} requests in flight`)

  const getWeather = tool({
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    execute: ({ city }) => `${String(city)}: sunny, 22 °C`
  })
  const question = { model: "qwen-plus", prompt: "What is the weather in Hangzhou?" }
  const run = await client.generation.runTools(question, [getWeather])
  console.log(`Tools:  ${Generation.text(run.result)} (${run.rounds} rounds)`)

  const texts = ["The cat sleeps.", "A cat is asleep.", "Shares fell on Monday."]
  const { embeddings } = await client.textEmbedding.embedMany({ model: "text-embedding-v4", texts })
  const [cat, other, shares] = embeddings.map(TextEmbedding.vector)
  if (cat !== undefined && other !== undefined && shares !== undefined) {
    const [alike, unlike] = [other, shares].map((vector) => TextEmbedding.similarity(cat, vector).toFixed(2))
    console.log(`Alike:  ${alike} and ${unlike}`)
  }

  const task = await client.imageSynthesis.submit({ model: "wan2.2-t2i-flash", prompt: "一只奔跑的猫", n: 1 })
  for await (const { output } of client.tasks.watch(task, { waitTimeout: "5 minutes" })) {
    console.log(`Task:   ${output.taskStatus}`)
  }

  try {
    await client.generation.call({ model: "qwen-plus", prompt: "你好" }, { apiKey: "sk-wrong", timeout: "30 seconds" })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    console.log(`Error:  ${error.reason} (${error.statusCode} ${error.code})`)
  }
} finally {
  await client.close()
  await service.close()
}
