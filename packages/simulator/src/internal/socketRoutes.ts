/**
 * All protocols over WebSockets, and their services.
 */
import { dialogue } from "./dialogue/service.js"
import { InferenceSession } from "./inference/session.js"
import type { TaskService } from "./inference/task.js"
import { openRealtime } from "./realtime/session.js"
import { gummy } from "./recognition/gummy.js"
import { recognition } from "./recognition/service.js"
import { socketRoutesOf } from "./sockets/route.js"
import { duplexSynthesis } from "./speechSynthesizer/duplex.js"
import { sambert } from "./speechSynthesizer/sambert.js"
import { tingwu } from "./tingwu/service.js"

const services: ReadonlyArray<TaskService> = [sambert, duplexSynthesis, gummy, recognition, dialogue, tingwu]

/** @internal */
export const socketRoutes = socketRoutesOf([
  { path: "/api-ws/v1/inference", open: (peer, incoming) => new InferenceSession(services, peer, incoming) },
  { path: "/api-ws/v1/realtime", open: openRealtime }
])
