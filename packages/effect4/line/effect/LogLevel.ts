/** The levels of Effect 3's LogLevel, which are strings in Effect 4. */
export const All = "All"
export const Debug = "Debug"
export const Error = "Error"
export const None = "None"
export const Warning = "Warn"
