/**
 * What a call of text embedding may be told. `TextEmbedding` has the calls.
 *
 * Source: "DashScope embedding".
 *
 * @since 0.1.0
 */

/**
 * How texts become vectors. What is left out is the service's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextEmbeddingParameters {
  /** What the texts are for: a question to search with, or what is searched. Default: `document`. */
  readonly textType?: "query" | "document" | undefined
  /**
   * The length of the vectors. text-embedding-v4: 2048, 1536, 1024, 768, 512, 256, 128 or 64; v3: 1024 or less of these.
   * Default: 1024.
   */
  readonly dimension?: number | undefined
  /** Default: `dense`. */
  readonly outputType?: "dense" | "sparse" | "dense&sparse" | undefined
  /** What the search is for, in English; for questions, from text-embedding-v4 on. */
  readonly instruct?: string | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TextEmbeddingParams extends TextEmbeddingParameters {
  /** Such as `text-embedding-v4`. */
  readonly model: string
  /**
   * The texts; none of them empty. text-embedding-v3 and later take 10 in one request, v1 and v2 take 25; the service refuses
   * more.
   */
  readonly texts: ReadonlyArray<string>
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}
