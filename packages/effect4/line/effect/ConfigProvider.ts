/** What Effect 3's ConfigProvider has and Effect 4's does not, with the signatures of Effect 3. */
import * as ConfigProvider from "effect/ConfigProvider"

export const fromMap = (map: ReadonlyMap<string, string>): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromEnv({ env: Object.fromEntries(map), preserveEmptyStrings: true })
