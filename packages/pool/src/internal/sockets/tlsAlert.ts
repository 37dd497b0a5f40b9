/** `error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:…:SSL alert number 40`; `ssl/tls alert` since Node 22. */
const alert = /:(?:[\w/]+ )?alert ([^:]+):(?:[^]*SSL alert number (\d+))?/
const routine = /SSL routines:[^:]*:([^:]+):/

/** The message of a socket's error; OpenSSL's line in words. @internal */
export const wordsOf = ({ code = "", message }: NodeJS.ErrnoException): string => {
  const [, name, number] = alert.exec(message) ?? []
  if (name !== undefined) {
    return `the peer refused the TLS handshake: ${name}${number === undefined ? "" : ` (alert ${number})`}`
  }
  const reason = routine.exec(message)?.[1]
  return reason === undefined ? message === "" ? code : message : `the TLS handshake failed: ${reason}`
}
