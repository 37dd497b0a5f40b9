/**
 * Milliseconds since the epoch of `YYYYMMDDhhmmss` or `YYYYMMDD` by China's clock, which is the service's.
 *
 * @internal
 */
export const millisOf = (text: string | null): number | undefined => {
  const [, year = "", month = "", day = "", hour = "00", minute = "00", second = "00"] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?$/.exec(text ?? "") ?? []
  return year === "" ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`)
}
