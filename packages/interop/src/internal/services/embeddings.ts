/** Vectors and ranks. */
import { MultiModalEmbedding, TextEmbedding, TextReRank } from "effect-dashscope"
import type { ServiceCase } from "./case.js"
import { key } from "./case.js"

const texts = ["风急天高猿啸哀", "Which text is about the weather?"]
const embedding = { model: "text-embedding-v4", texts }
const dense = ["output.embeddings.1.embedding.0", "usage.total_tokens"]

const query = "What is a rerank model?"
const documents = ["Rerank models order the hits of a search.", "Quantum computing is a field of computer science."]
const rerank = { model: "qwen3-rerank", query, documents }

const image = "https://example.com/picture.png"
const video = "https://example.com/film.mp4"
const contents = [{ text: "a white dog" }, { image }]
const multi = { model: "tongyi-embedding-vision-plus", contents }
const vectors = ["output.embeddings.0.embedding.0", "usage.input_tokens"]

const java = (name: string, fields: object) => ({
  call: `${name}.call`,
  arguments: [{ $: `${name}Param`, apiKey: key, ...fields }]
})

export const embeddings: ReadonlyArray<ServiceCase> = [
  {
    name: "embedding",
    ours: (options) => TextEmbedding.call(embedding, options),
    gives: dense,
    python: { call: "TextEmbedding.call", arguments: { model: embedding.model, input: texts } },
    client: "embeddings.create",
    java: java("embeddings.TextEmbedding", embedding),
    callbacks: true
  },
  {
    name: "embedding-parameters",
    ours: (options) =>
      TextEmbedding.call({
        ...embedding,
        texts: [query],
        textType: "query",
        dimension: 64,
        outputType: "dense&sparse",
        instruct: "Find what answers the question."
      }, options),
    gives: ["output.embeddings.0.embedding.63", "output.embeddings.0.sparse_embedding.0.value", "usage.total_tokens"],
    python: {
      call: "TextEmbedding.call",
      arguments: {
        model: embedding.model,
        input: query,
        text_type: "query",
        dimension: 64,
        output_type: "dense&sparse",
        instruct: "Find what answers the question."
      }
    },
    client: "embeddings.create",
    java: java("embeddings.TextEmbedding", {
      model: embedding.model,
      texts: [query],
      textType: "QUERY",
      dimension: 64,
      outputType: "DENSE_AND_SPARSE",
      instruct: "Find what answers the question."
    })
  },
  {
    name: "rerank",
    ours: (options) => TextReRank.call(rerank, options),
    gives: ["output.results.1.relevance_score", "output.results.0.index", "usage.total_tokens"],
    python: { call: "TextReRank.call", arguments: rerank },
    pythonAsync: "AioTextReRank.call",
    client: "rerank.create",
    java: java("rerank.TextReRank", rerank)
  },
  {
    name: "rerank-parameters",
    ours: (options) =>
      TextReRank.call({ ...rerank, topN: 1, returnDocuments: true, instruct: "Find definitions." }, options),
    gives: ["output.results.0.document.text"],
    python: {
      call: "TextReRank.call",
      arguments: { ...rerank, top_n: 1, return_documents: true, instruct: "Find definitions." }
    },
    pythonAsync: "AioTextReRank.call",
    client: "rerank.create",
    java: java("rerank.TextReRank", { ...rerank, topN: 1, returnDocuments: true, instruct: "Find definitions." })
  },
  {
    name: "rerank-media",
    ours: (options) =>
      TextReRank.call(
        { model: "qwen3-vl-rerank", query: { text: query }, documents: [{ image }, { text: documents[0] }] },
        options
      ),
    gives: ["output.results.0.relevance_score"],
    python: {
      call: "TextReRank.call",
      arguments: {
        model: "qwen3-vl-rerank",
        query: { text: query },
        documents: [{ image }, { text: documents[0] ?? "" }]
      }
    }
  },
  {
    name: "media-embedding",
    ours: (options) => MultiModalEmbedding.call(multi, options),
    gives: vectors,
    python: { call: "MultiModalEmbedding.call", arguments: { model: multi.model, input: contents } },
    pythonAsync: "AioMultiModalEmbedding.call",
    client: "multimodal.embeddings.create",
    java: java("embeddings.MultiModalEmbedding", {
      model: multi.model,
      contents: [
        { $: "embeddings.MultiModalEmbeddingItemText", text: "a white dog" },
        { $: "embeddings.MultiModalEmbeddingItemImage", image }
      ]
    }),
    callbacks: true
  },
  {
    name: "media-embedding-parameters",
    ours: (options) =>
      MultiModalEmbedding.call({
        model: "qwen3-vl-embedding",
        contents: [{ video }],
        dimension: 512,
        outputType: "dense",
        instruct: "Find films.",
        enableFusion: false,
        fps: 0.5
      }, options),
    gives: ["output.embeddings.0.embedding.511"],
    python: {
      call: "MultiModalEmbedding.call",
      arguments: {
        model: "qwen3-vl-embedding",
        input: [{ video }],
        dimension: 512,
        output_type: "dense",
        instruct: "Find films.",
        enable_fusion: false,
        fps: 0.5
      }
    },
    pythonAsync: "AioMultiModalEmbedding.call",
    client: "multimodal.embeddings.create",
    java: java("embeddings.MultiModalEmbedding", {
      model: "qwen3-vl-embedding",
      contents: [{ $: "embeddings.MultiModalEmbeddingItemVideo", video }],
      parameters: { dimension: 512, output_type: "dense", instruct: "Find films.", enable_fusion: false, fps: 0.5 }
    })
  },
  {
    name: "media-embedding-fused",
    ours: (options) =>
      MultiModalEmbedding.call({
        model: "multimodal-embedding-one-peace-v1",
        contents: [{ factor: 1, text: "a white dog" }, { factor: 2, image }],
        autoTruncation: true
      }, options),
    gives: ["output.embedding.0"],
    python: {
      call: "MultiModalEmbedding.call",
      arguments: {
        model: "multimodal-embedding-one-peace-v1",
        input: [
          { $: "MultiModalEmbeddingItemText", factor: 1, text: "a white dog" },
          { $: "MultiModalEmbeddingItemImage", factor: 2, image }
        ],
        auto_truncation: true
      }
    },
    client: {
      call: "multimodal.embeddings.create",
      arguments: {
        model: "multimodal-embedding-one-peace-v1",
        input: [{ factor: 1, text: "a white dog" }, { factor: 2, image }],
        parameters: { auto_truncation: true }
      },
      gives: ["embeddings.0.embedding.0"]
    },
    java: java("embeddings.MultiModalEmbedding", {
      model: "multimodal-embedding-one-peace-v1",
      contents: [
        { $: "embeddings.MultiModalEmbeddingItemText", factor: 1, text: "a white dog" },
        { $: "embeddings.MultiModalEmbeddingItemImage", factor: 2, image }
      ],
      parameters: { auto_truncation: true }
    })
  }
]
