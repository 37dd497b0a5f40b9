/**
 * TLS sessions by host, to resume: that saves a round trip and most of the handshake's work. The longest unused goes first.
 *
 * @internal
 */
export class TlsSessions {
  private readonly sessions = new Map<string, Buffer>()

  constructor(private readonly most = 128) {}

  get(host: string): Buffer | undefined {
    return this.sessions.get(host)
  }

  set(host: string, session: Buffer): void {
    this.sessions.delete(host)
    this.sessions.set(host, session)
    if (this.sessions.size > this.most) {
      const [oldest] = this.sessions.keys()
      if (oldest !== undefined) this.sessions.delete(oldest)
    }
  }

  /** The server did not take it. */
  forget(host: string): void {
    this.sessions.delete(host)
  }
}
