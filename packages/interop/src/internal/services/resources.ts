/** What a workspace has: models, files, training jobs, deployments; and temporary uploads. */
import {
  Deployments,
  Files,
  FineTunes,
  Media,
  Models,
  MultiModalConversation,
  MultiModalEmbedding,
  MultiModalMessage,
  Upload
} from "effect-dashscope"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ServiceCase } from "./case.js"
import { folder, key } from "./case.js"

/** Files that cases send, by their names, which say of which case they are. */
export const resourceFiles: ReadonlyArray<readonly [name: string, text: string]> = [
  ["wire-upload.txt", "The text of a file to upload.\n"],
  ["wire-upload-and-embed.png", "\u0089PNG is what a picture would begin with.\n"],
  ["wire-upload-and-see.png", "\u0089PNG is what another would begin with.\n"],
  ["wire-file-upload.jsonl", "{\"messages\":[]}\n"]
]

const training = resourceFiles[3]

/** The first that a simulator gives; so are the others here. */
const fileId = "file-fe-8cf4b6fff790fd4248d58ead"
const jobId = "ft-025e5ce2"
const otherJob = "ft-40d6e393"
const deployed = "qwen-turbo-blue"

export const resources: ReadonlyArray<ServiceCase> = [
  {
    name: "models",
    ours: (options) => Models.list({ pageNo: 2, pageSize: 5 }, options),
    gives: ["output.models.4.model", "output.total"],
    python: { call: "Models.list", arguments: { page: 2, page_size: 5 } },
    client: {
      call: "models.list",
      arguments: { page_no: 2, page_size: 5 },
      gives: ["models.4.model", "total_count"]
    }
  },
  {
    name: "model",
    ours: (options) => Models.get("qwen-plus", options),
    gives: ["output.model"],
    python: { call: "Models.get", arguments: { name: "qwen-plus" } },
    client: { call: "models.get", arguments: { model: "qwen-plus" } }
  },
  {
    name: "file-upload",
    ours: (options) =>
      Files.upload(
        { files: [{ name: training?.[0] ?? "", content: training?.[1] ?? "", description: "Lines" }] },
        options
      ),
    gives: ["output.uploaded_files.0.file_id"],
    python: {
      call: "Files.upload",
      arguments: { file_path: `${folder}/wire-file-upload.jsonl`, purpose: "fine_tune", description: "Lines" }
    },
    client: {
      call: "files.upload",
      arguments: { file_path: `${folder}/wire-file-upload.jsonl`, purpose: "fine-tune", description: "Lines" },
      gives: ["file_id"]
    }
  },
  {
    name: "file-list",
    ours: (options) => Files.list({ pageNo: 1, pageSize: 10 }, options),
    gives: ["output.files.0.file_id", "output.total"],
    python: { call: "Files.list", arguments: { page: 1, page_size: 10 } },
    client: {
      call: "files.list",
      arguments: { page_no: 1, page_size: 10 },
      gives: ["files.0.file_id", "total_count"]
    }
  },
  {
    name: "file-get",
    ours: (options) => Files.get(fileId, options),
    gives: ["output.file_id", "output.size"],
    python: { call: "Files.get", arguments: { file_id: fileId } },
    client: "files.get"
  },
  {
    name: "file-delete",
    ours: (options) => Files.remove(fileId, options),
    gives: ["request_id"],
    python: { call: "Files.delete", arguments: { file_id: fileId } },
    client: { call: "files.delete", arguments: { file_id: fileId }, gives: ["deleted"] }
  },
  {
    name: "job-create",
    ours: (options) =>
      FineTunes.create({
        model: "qwen-turbo",
        trainingFileIds: ["file-1"],
        validationFileIds: ["file-2"],
        trainingType: "efficient_sft",
        hyperParameters: { n_epochs: 1 }
      }, options),
    gives: ["output.job_id", "output.status"],
    python: {
      call: "FineTunes.call",
      arguments: {
        model: "qwen-turbo",
        training_file_ids: ["file-1"],
        validation_file_ids: ["file-2"],
        mode: "efficient_sft",
        hyper_parameters: { n_epochs: 1 }
      }
    },
    client: "fine_tunes.create"
  },
  {
    name: "job-create-least",
    ours: (options) => FineTunes.create({ model: "qwen-turbo", trainingFileIds: ["file-1"] }, options),
    gives: ["output.job_id"],
    python: { call: "FineTunes.call", arguments: { model: "qwen-turbo", training_file_ids: "file-1" } },
    client: "fine_tunes.create"
  },
  {
    name: "job-list",
    ours: (options) => FineTunes.list({ pageNo: 1, pageSize: 10 }, options),
    gives: ["output.jobs.1.job_id", "output.total"],
    python: { call: "FineTunes.list", arguments: { page_no: 1, page_size: 10 } },
    client: {
      call: "fine_tunes.list",
      arguments: { page_no: 1, page_size: 10 },
      gives: ["jobs.1.job_id"]
    }
  },
  {
    name: "job-get",
    ours: (options) => FineTunes.get(jobId, options),
    gives: ["output.status", "output.training_file_ids.0"],
    python: { call: "FineTunes.get", arguments: { job_id: jobId } },
    client: "fine_tunes.get"
  },
  {
    name: "job-logs",
    ours: (options) => FineTunes.logs({ jobId, offset: 1, line: 2 }, options),
    gives: ["output.logs.1"],
    python: { call: "FineTunes.logs", arguments: { job_id: jobId, offset: 1, line: 2 } },
    client: { call: "fine_tunes.logs", arguments: { job_id: jobId, offset: 1, lines: 2 }, gives: ["content"] }
  },
  {
    name: "job-events",
    stream: true,
    ours: (options) => Stream.runDrain(FineTunes.events(jobId, options)),
    // To the SDKs what an event says is its `output`, be it JSON or a text.
    gives: ["output"],
    python: { call: "FineTunes.stream_events", arguments: { job_id: jobId } },
    client: { call: "fine_tunes.stream_events", arguments: { job_id: jobId }, gives: ["output.output.status"] }
  },
  {
    name: "job-cancel",
    ours: (options) => FineTunes.cancel(otherJob, options),
    gives: ["output.status"],
    python: { call: "FineTunes.cancel", arguments: { job_id: otherJob } },
    client: "fine_tunes.cancel"
  },
  {
    name: "job-delete",
    ours: (options) => FineTunes.remove(otherJob, options),
    gives: ["output.status"],
    python: { call: "FineTunes.delete", arguments: { job_id: otherJob } },
    client: "fine_tunes.delete"
  },
  {
    name: "deployment-create",
    ours: (options) => Deployments.create({ modelName: "qwen-turbo", capacity: 1, suffix: "blue" }, options),
    gives: ["output.deployed_model", "output.status"],
    python: { call: "Deployments.call", arguments: { model: "qwen-turbo", capacity: 1, suffix: "blue" } },
    client: "deployments.create"
  },
  {
    name: "deployment-list",
    ours: (options) => Deployments.list({ pageNo: 1, pageSize: 10 }, options),
    gives: ["output.deployments.0.deployed_model"],
    python: { call: "Deployments.list", arguments: { page_no: 1, page_size: 10 } },
    client: "deployments.list"
  },
  {
    name: "deployment-get",
    ours: (options) => Deployments.get(deployed, options),
    gives: ["output.status", "output.capacity"],
    python: { call: "Deployments.get", arguments: { deployed_model: deployed } },
    client: "deployments.get"
  },
  {
    name: "deployment-scale",
    ours: (options) => Deployments.scale({ deployedModel: deployed, capacity: 2 }, options),
    gives: ["output.capacity"],
    python: { call: "Deployments.scale", arguments: { deployed_model: deployed, capacity: 2 } },
    client: "deployments.scale"
  },
  {
    name: "deployment-events",
    stream: true,
    ours: (options) => Stream.runDrain(Deployments.events(deployed, options)),
    gives: ["output"],
    python: { call: "Deployments.stream_events", arguments: { target: deployed } },
    client: {
      call: "deployments.stream_events",
      arguments: { deployed_model_id: deployed },
      gives: ["output.output.status"]
    }
  },
  {
    name: "deployment-delete",
    ours: (options) => Deployments.remove(deployed, options),
    gives: ["output.status"],
    python: { call: "Deployments.delete", arguments: { deployed_model: deployed } },
    client: "deployments.delete"
  },
  {
    name: "upload",
    ours: (options, path) => Upload.upload(Media.file(`${path}/wire-upload.txt`), { ...options, model: "qwen-vl-max" }),
    gives: [],
    python: {
      call: "utils.oss_utils.OssUtils.upload",
      arguments: { model: "qwen-vl-max", file_path: `${folder}/wire-upload.txt` }
    },
    java: { call: "utils.OSSUtils.upload", arguments: ["qwen-vl-max", `${folder}/wire-upload.txt`, key] }
  },
  {
    name: "upload-and-embed",
    ours: (options, path) =>
      Effect.flatMap(
        Upload.upload(Media.file(`${path}/wire-upload-and-embed.png`), {
          ...options,
          model: "tongyi-embedding-vision-plus"
        }),
        (image) => MultiModalEmbedding.call({ model: "tongyi-embedding-vision-plus", contents: [{ image }] }, options)
      ),
    gives: ["output.embeddings.0.embedding.0"],
    python: {
      call: "MultiModalEmbedding.call",
      arguments: {
        model: "tongyi-embedding-vision-plus",
        input: [{ image: `${folder}/wire-upload-and-embed.png` }]
      }
    },
    pythonAsync: "AioMultiModalEmbedding.call",
    client: "multimodal.embeddings.create",
    java: {
      call: "embeddings.MultiModalEmbedding.call",
      arguments: [{
        $: "embeddings.MultiModalEmbeddingParam",
        apiKey: key,
        model: "tongyi-embedding-vision-plus",
        contents: [{
          $: "embeddings.MultiModalEmbeddingItemImage",
          image: `file://${folder}/wire-upload-and-embed.png`
        }]
      }]
    }
  },
  {
    name: "upload-and-see",
    ours: (options, path) =>
      Effect.flatMap(
        Upload.upload(Media.file(`${path}/wire-upload-and-see.png`), { ...options, model: "qwen-vl-max" }),
        (image) =>
          MultiModalConversation.call({
            model: "qwen-vl-max",
            messages: [MultiModalMessage.user([MultiModalMessage.image(image), MultiModalMessage.text("What is it?")])]
          }, options)
      ),
    gives: ["output.choices.0.message.content.0.text"],
    python: {
      call: "MultiModalConversation.call",
      arguments: {
        model: "qwen-vl-max",
        messages: [{
          role: "user",
          content: [{ image: `file://${folder}/wire-upload-and-see.png` }, { text: "What is it?" }]
        }]
      }
    },
    pythonAsync: "AioMultiModalConversation.call",
    client: {
      call: "multimodal.chat.create",
      arguments: {
        model: "qwen-vl-max",
        messages: [{
          role: "user",
          content: [{ image: `file://${folder}/wire-upload-and-see.png` }, { text: "What is it?" }]
        }]
      },
      gives: ["choices.0.message.content"]
    },
    java: {
      call: "aigc.multimodalconversation.MultiModalConversation.call",
      arguments: [{
        $: "aigc.multimodalconversation.MultiModalConversationParam",
        apiKey: key,
        model: "qwen-vl-max",
        messages: [{
          $: "common.MultiModalMessage",
          role: "user",
          content: [{ image: `file://${folder}/wire-upload-and-see.png` }, { text: "What is it?" }]
        }]
      }]
    }
  }
]
