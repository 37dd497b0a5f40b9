/**
 * All services. To add one, make a folder with its routes, and name them here.
 */
import { anthropicRoutes } from "./anthropic/service.js"
import { applicationRoutes } from "./application/service.js"
import { batchRoutes } from "./batches/service.js"
import { codeGenerationRoutes } from "./codeGeneration/service.js"
import { compatibleRoutes } from "./compatible/service.js"
import { deploymentRoutes } from "./deployments/service.js"
import { compatibleFileRoutes } from "./files/compatible.js"
import { fileRoutes } from "./files/service.js"
import { contentRoutes } from "./files/store.js"
import { fineTuneRoutes } from "./fineTunes/service.js"
import { generationRoutes } from "./generation/service.js"
import { imageGenerationRoutes } from "./imageGeneration/service.js"
import { imageSynthesisRoutes } from "./imageSynthesis/service.js"
import { modelListRoutes } from "./modelList/service.js"
import { multiModalRoutes } from "./multiModalConversation/service.js"
import { multiModalEmbeddingRoutes } from "./multiModalEmbedding/service.js"
import { responseRoutes } from "./responses/service.js"
import { resultRoutes } from "./results/service.js"
import { Router } from "./server/router.js"
import { speechSynthesizerRoutes } from "./speechSynthesizer/service.js"
import { taskRoutes } from "./tasks/service.js"
import { temporaryKeyRoutes } from "./temporaryKeys/service.js"
import { textEmbeddingRoutes } from "./textEmbedding/service.js"
import { textReRankRoutes } from "./textReRank/service.js"
import { tokenizerRoutes } from "./tokenizer/service.js"
import { transcriptionRoutes } from "./transcription/service.js"
import { understandingRoutes } from "./understanding/service.js"
import { uploadRoutes } from "./upload/service.js"
import { videoSynthesisRoutes } from "./videoSynthesis/service.js"
import { vocabularyRoutes } from "./vocabulary/service.js"
import { voiceRoutes } from "./voices/service.js"

/** @internal */
export const router = new Router([
  ...generationRoutes,
  ...multiModalRoutes,
  ...textEmbeddingRoutes,
  ...textReRankRoutes,
  ...multiModalEmbeddingRoutes,
  ...applicationRoutes,
  ...uploadRoutes,
  ...resultRoutes,
  ...fileRoutes,
  ...compatibleFileRoutes,
  ...batchRoutes,
  ...contentRoutes,
  ...modelListRoutes,
  ...tokenizerRoutes,
  ...understandingRoutes,
  ...codeGenerationRoutes,
  ...speechSynthesizerRoutes,
  ...voiceRoutes,
  ...vocabularyRoutes,
  ...temporaryKeyRoutes,
  ...imageSynthesisRoutes,
  ...imageGenerationRoutes,
  ...videoSynthesisRoutes,
  ...transcriptionRoutes,
  ...taskRoutes,
  ...fineTuneRoutes,
  ...deploymentRoutes,
  ...compatibleRoutes,
  ...responseRoutes,
  ...anthropicRoutes
])
