/**
 * All services. To add one, make a folder with its routes, and name them here.
 */
import { applicationRoutes } from "./application/service.js"
import { generationRoutes } from "./generation/service.js"
import { multiModalRoutes } from "./multiModalConversation/service.js"
import { multiModalEmbeddingRoutes } from "./multiModalEmbedding/service.js"
import { resultRoutes } from "./results/service.js"
import { Router } from "./server/router.js"
import { textEmbeddingRoutes } from "./textEmbedding/service.js"
import { textReRankRoutes } from "./textReRank/service.js"
import { uploadRoutes } from "./upload/service.js"

/** @internal */
export const router = new Router([
  ...generationRoutes,
  ...multiModalRoutes,
  ...textEmbeddingRoutes,
  ...textReRankRoutes,
  ...multiModalEmbeddingRoutes,
  ...applicationRoutes,
  ...uploadRoutes,
  ...resultRoutes
])
