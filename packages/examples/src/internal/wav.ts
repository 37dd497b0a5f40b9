/** Samples of 16 bits, of one channel, as a WAV file. */
export const wavOf = (samples: Uint8Array, sampleRate: number): Uint8Array => {
  const file = new Uint8Array(44 + samples.length)
  const head = new DataView(file.buffer)
  const text = (at: number, name: string) => file.set(new TextEncoder().encode(name), at)
  text(0, "RIFF")
  head.setUint32(4, file.length - 8, true)
  text(8, "WAVEfmt ")
  head.setUint32(16, 16, true)
  head.setUint16(20, 1, true)
  head.setUint16(22, 1, true)
  head.setUint32(24, sampleRate, true)
  head.setUint32(28, sampleRate * 2, true)
  head.setUint16(32, 2, true)
  head.setUint16(34, 16, true)
  text(36, "data")
  head.setUint32(40, samples.length, true)
  file.set(samples, 44)
  return file
}
