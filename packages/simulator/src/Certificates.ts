/**
 * Certificates for tests on loopback: an authority of their own, a server's certificate for `127.0.0.1`, `::1` and
 * `localhost`, and clients' certificates. Everything is made on the spot and lives in memory.
 *
 * @since 0.1.0
 */
import type { Extension } from "@peculiar/x509"
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
const load = Effect.promise(() => import("@peculiar/x509"))

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const

const day = 24 * 60 * 60 * 1000

/** From a minute ago, since a clock may be set back, until long after any test. */
const validity = () => {
  const now = Date.now()
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + 365 * day) }
}

const nameOf = (commonName: string) => [{ CN: [commonName] }]

/**
 * A new authority. It takes about 30 milliseconds.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Authority> = Effect.gen(function*() {
  const X509 = yield* load
  const newKeys = Effect.promise(() => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]))
  const pem = (keys: CryptoKeyPair) =>
    Effect.map(
      Effect.promise(() => crypto.subtle.exportKey("pkcs8", keys.privateKey)),
      (raw) => X509.PemConverter.encode(raw, X509.PemConverter.PrivateKeyTag)
    )

  const issuer = "DashScope simulator"
  const keys = yield* newKeys
  const { KeyUsageFlags } = X509
  const own = yield* Effect.promise(async () =>
    X509.X509CertificateGenerator.createSelfSigned({
      ...validity(),
      name: nameOf(issuer),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new X509.BasicConstraintsExtension(true, undefined, true),
        new X509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await X509.SubjectKeyIdentifierExtension.create(keys.publicKey)
      ]
    })
  )

  const sign = (commonName: string, extensions: ReadonlyArray<Extension>): Effect.Effect<KeyPair> =>
    Effect.gen(function*() {
      const signed = yield* newKeys
      const certificate = yield* Effect.promise(async () =>
        X509.X509CertificateGenerator.create({
          ...validity(),
          subject: nameOf(commonName),
          issuer: nameOf(issuer),
          publicKey: signed.publicKey,
          signingKey: keys.privateKey,
          signingAlgorithm: algorithm,
          extensions: [
            new X509.BasicConstraintsExtension(false, undefined, true),
            new X509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
            // Clients that hold to the letter of RFC 5280, as Python does from 3.13 on, refuse one without these two.
            await X509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
            await X509.SubjectKeyIdentifierExtension.create(signed.publicKey),
            ...extensions
          ]
        })
      )
      return { cert: certificate.toString("pem"), key: yield* pem(signed) }
    })

  return {
    ca: own.toString("pem"),
    server: sign("localhost", [
      new X509.ExtendedKeyUsageExtension([X509.ExtendedKeyUsage.serverAuth]),
      new X509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" }
      ])
    ]),
    client: (commonName) => sign(commonName, [new X509.ExtendedKeyUsageExtension([X509.ExtendedKeyUsage.clientAuth])])
  }
})
