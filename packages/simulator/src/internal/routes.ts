/**
 * All services. To add one, make a folder with its routes, and name them here.
 */
import { generationRoutes } from "./generation/service.js"
import { Router } from "./server/router.js"

/** @internal */
export const router = new Router([
  ...generationRoutes
])
