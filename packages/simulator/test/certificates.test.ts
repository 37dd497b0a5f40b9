import { assert, describe, it } from "@effect/vitest"
import * as X509 from "@peculiar/x509"
import { Certificates } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"

const keyIdsOf = (pem: string) => {
  const certificate = new X509.X509Certificate(pem)
  return {
    own: certificate.getExtension(X509.SubjectKeyIdentifierExtension)?.keyId,
    issuer: certificate.getExtension(X509.AuthorityKeyIdentifierExtension)?.keyId
  }
}

describe("Certificates", () => {
  it.effect("name the key they are signed with, as RFC 5280 asks and Python 3.13 insists", () =>
    Effect.gen(function*() {
      const authority = yield* Certificates.make
      const server = yield* authority.server
      const client = yield* authority.client("me")
      const ca = keyIdsOf(authority.ca)
      assert.match(ca.own ?? "", /^[0-9a-f]{40}$/)
      for (const { cert } of [server, client]) {
        const ids = keyIdsOf(cert)
        assert.strictEqual(ids.issuer, ca.own)
        assert.match(ids.own ?? "", /^[0-9a-f]{40}$/)
        assert.notStrictEqual(ids.own, ca.own)
      }
    }))

  it.effect("are the authority's, for loopback and for the client's name, with the key that belongs to them", () =>
    Effect.gen(function*() {
      const authority = yield* Certificates.make
      const ca = new Crypto.X509Certificate(authority.ca)
      assert.isTrue(ca.ca)
      const name = "a client, with O=things in it"
      for (const pair of [yield* authority.server, yield* authority.client(name)]) {
        const certificate = new Crypto.X509Certificate(pair.cert)
        assert.isTrue(certificate.verify(ca.publicKey))
        assert.isTrue(certificate.checkIssued(ca))
        assert.isTrue(certificate.checkPrivateKey(Crypto.createPrivateKey(pair.key)))
        assert.isFalse(certificate.ca)
      }
      const server = new Crypto.X509Certificate((yield* authority.server).cert)
      assert.strictEqual(server.checkIP("127.0.0.1"), "127.0.0.1")
      assert.isDefined(server.checkIP("::1"))
      assert.strictEqual(server.checkHost("localhost"), "localhost")
      const client = new Crypto.X509Certificate((yield* authority.client(name)).cert)
      assert.strictEqual(client.toLegacyObject().subject.CN, name)
    }))
})
