const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "ws:": 80, "wss:": 443 }

/** @internal */
export interface Origin {
  readonly protocol: string
  readonly hostname: string
  readonly port: number
}

/** @internal */
export const originOf = (url: URL): Origin => ({
  protocol: url.protocol,
  hostname: url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname,
  port: url.port === "" ? defaultPorts[url.protocol] ?? 0 : Number(url.port)
})
