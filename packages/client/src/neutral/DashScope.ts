/**
 * What of `DashScope` runs everywhere: all services, over any `HttpClient`.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Layer from "effect/Layer"
import * as CodeGeneration from "../CodeGeneration.js"
import * as DashScopeClient from "../DashScopeClient.js"
import * as Generation from "../Generation.js"
import * as MultiModalEmbedding from "../MultiModalEmbedding.js"
import * as TextEmbedding from "../TextEmbedding.js"
import * as TextReRank from "../TextReRank.js"
import * as Tokenization from "../Tokenization.js"
import * as Understanding from "../Understanding.js"
import * as Upload from "../Upload.js"

/**
 * The services that this library offers, and the client they share.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | DashScopeClient.DashScopeClient
  | CodeGeneration.CodeGeneration
  | Generation.Generation
  | MultiModalEmbedding.MultiModalEmbedding
  | TextEmbedding.TextEmbedding
  | TextReRank.TextReRank
  | Tokenization.Tokenization
  | Understanding.Understanding
  | Upload.Upload

const services = Layer.mergeAll(
  CodeGeneration.layer,
  Generation.layer,
  MultiModalEmbedding.layer,
  TextEmbedding.layer,
  TextReRank.layer,
  Tokenization.layer,
  Understanding.layer,
  Upload.layer
)

/**
 * All services over the `HttpClient` of the environment: that of another runtime, or a mock.
 *
 * The key file is read through the `FileSystem` of the environment, if there is one.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutHttpClient = (
  options: DashScopeClient.Options = {}
): Layer.Layer<Services, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.provideMerge(services, DashScopeClient.layer(options))
