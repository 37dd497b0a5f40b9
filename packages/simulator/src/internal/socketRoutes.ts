/**
 * All protocols over WebSockets, and their services.
 */
import { InferenceSession } from "./inference/session.js"
import type { TaskService } from "./inference/task.js"
import { socketRoutesOf } from "./sockets/route.js"
import { duplexSynthesis } from "./speechSynthesizer/duplex.js"
import { sambert } from "./speechSynthesizer/sambert.js"

const services: ReadonlyArray<TaskService> = [sambert, duplexSynthesis]

/** @internal */
export const socketRoutes = socketRoutesOf([
  { path: "/api-ws/v1/inference", open: (peer, incoming) => new InferenceSession(services, peer, incoming) }
])
