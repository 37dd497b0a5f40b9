import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"

/** A request that was not answered. */
export interface RequestFailure {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly reason: "Encode" | "InvalidUrl" | "Transport"
  readonly cause?: unknown
  readonly description?: string
}

/** What the system refused. */
export interface SystemFailure {
  readonly module: "FileSystem"
  readonly method: string
  readonly reason: "NotFound" | "PermissionDenied"
  readonly pathOrDescriptor: string
}
