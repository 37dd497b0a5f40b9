import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { X509Certificate } from "node:crypto"
import * as Tls from "node:tls"

interface TlsConfig {
  readonly ca?: string | ReadonlyArray<string> | undefined
  readonly cert?: string | undefined
  readonly key?: Redacted.Redacted | undefined
  readonly passphrase?: Redacted.Redacted | undefined
}

/** The keys and certificates of a config, parsed once for all connections; or what is wrong with them. @internal */
export const secureContext = (config: TlsConfig): Either.Either<Tls.SecureContext, string> =>
  Either.try({
    try: () => {
      // createSecureContext ignores an authority that it cannot read, and then trusts nobody.
      for (const ca of [config.ca ?? []].flat()) new X509Certificate(ca)
      return Tls.createSecureContext({
        ...(config.ca === undefined ? undefined : { ca: [config.ca].flat() }),
        ...(config.cert === undefined ? undefined : { cert: config.cert }),
        ...(config.key === undefined ? undefined : { key: Redacted.value(config.key) }),
        ...(config.passphrase === undefined ? undefined : { passphrase: Redacted.value(config.passphrase) })
      })
    },
    catch: (error) => error instanceof Error ? error.message : "not usable"
  })
