/**
 * Certificates for tests on loopback: an authority of their own, a server's certificate for `127.0.0.1`, `::1` and
 * `localhost`, and clients' certificates. Everything is made on the spot and lives in memory.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * A certificate and its private key, as PEM.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Authority {
  /** The authority's own certificate, as PEM: what a client has to trust. */
  readonly ca: string
  /** A certificate for a server on loopback. */
  readonly server: Effect.Effect<KeyPair>
  /** A certificate for a client of this name. */
  readonly client: (commonName: string) => Effect.Effect<KeyPair>
}

/** Loaded when a certificate is wanted: most simulators speak plain HTTP. */
const load = Effect.promise(() => import("selfsigned"))

const common = { keyType: "ec", algorithm: "sha256" } as const

/**
 * A new authority. It takes some 30 milliseconds.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Authority> = Effect.gen(function*() {
  const { generate } = yield* load
  const own = yield* Effect.promise(() =>
    generate([{ name: "commonName", value: "DashScope simulator" }], {
      ...common,
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true }
      ]
    })
  )
  const ca = { key: own.private, cert: own.cert }
  return {
    ca: own.cert,
    server: Effect.map(
      Effect.promise(() =>
        generate([{ name: "commonName", value: "localhost" }], {
          ...common,
          ca,
          extensions: [
            { name: "basicConstraints", cA: false },
            { name: "keyUsage", digitalSignature: true },
            { name: "extKeyUsage", serverAuth: true },
            {
              name: "subjectAltName",
              altNames: [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }, { type: 7, ip: "::1" }]
            }
          ]
        })
      ),
      keyPair
    ),
    client: (commonName) =>
      Effect.map(
        Effect.promise(() =>
          generate([{ name: "commonName", value: commonName }], {
            ...common,
            ca,
            extensions: [
              { name: "basicConstraints", cA: false },
              { name: "keyUsage", digitalSignature: true },
              { name: "extKeyUsage", clientAuth: true }
            ]
          })
        ),
        keyPair
      )
  }
})

const keyPair = (made: { readonly private: string; readonly cert: string }): KeyPair => ({
  cert: made.cert,
  key: made.private
})
