/**
 * Writes `packages/client/src/promise/types.ts`: the types of `effect-dashscope/Promise`, which are those of the services
 * with nothing of Effect in them. Run it after a change of a service's parameters, results or functions:
 *
 *     npm run promise-types            # writes the file
 *     npm run promise-types -- --check # fails where it is not up to date
 *
 * What is named there and has no counterpart without Effect is an error here, and not left out in silence.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const root = fileURLToPath(new URL("..", import.meta.url))
const out = join(root, "packages/client/src/promise/types.ts")

// ---------------------------------------------------------------------------------------------------------------------
// What is written
// ---------------------------------------------------------------------------------------------------------------------

/** The modules whose functions a client has, by the name that they have there. */
const services: Readonly<Record<string, string>> = {
  application: "Application",
  batches: "Batch",
  batchTextEmbedding: "BatchTextEmbedding",
  codeGeneration: "CodeGeneration",
  deployments: "Deployments",
  download: "Download",
  duplexTask: "DuplexTask",
  files: "Files",
  fineTunes: "FineTunes",
  generation: "Generation",
  httpSpeechSynthesizer: "HttpSpeechSynthesizer",
  imageGeneration: "ImageGeneration",
  imageSynthesis: "ImageSynthesis",
  models: "Models",
  multiModalConversation: "MultiModalConversation",
  multiModalEmbedding: "MultiModalEmbedding",
  realtime: "Realtime",
  recognition: "Recognition",
  speechSynthesizer: "SpeechSynthesizer",
  tasks: "Task",
  textEmbedding: "TextEmbedding",
  textReRank: "TextReRank",
  tokenization: "Tokenization",
  tokens: "Tokens",
  transcription: "Transcription",
  translationRecognizer: "TranslationRecognizer",
  understanding: "Understanding",
  upload: "Upload",
  videoSynthesis: "VideoSynthesis",
  vocabulary: "Vocabulary",
  voiceEnrollment: "VoiceEnrollment"
}

/** Further modules with functions that need no client. */
const pure = ["Conversation", "Message", "MultiModalMessage"]

/** What `Promise.ts` has by hand, since it takes or gives what has no form without Effect. */
const byHand = new Set([
  "Application.collect",
  "Application.session",
  "Batch.submit",
  "Batch.upload",
  "Conversation.make",
  "Download.toSink",
  "DuplexTask.open",
  "DuplexTask.run",
  "Generation.callObject",
  "Generation.collect",
  "Generation.decode",
  "Generation.runTools",
  "Generation.runToolsStream",
  "ImageGeneration.collect",
  "Models.get",
  "MultiModalConversation.audioOf",
  "MultiModalConversation.callObject",
  "MultiModalConversation.collect",
  "MultiModalConversation.collectAudio",
  "MultiModalConversation.runTools",
  "MultiModalConversation.runToolsStream",
  "MultiModalConversation.saveAudio",
  "Realtime.conversation",
  "Realtime.open",
  "Realtime.speak",
  "Realtime.transcribe",
  "Realtime.translate",
  "Recognition.recognize",
  "Recognition.sentences",
  "Recognition.stream",
  "SpeechSynthesizer.collect",
  "SpeechSynthesizer.sayAnswer",
  "SpeechSynthesizer.stream",
  "SpeechSynthesizer.streamAudio",
  "Tokens.create",
  "TranslationRecognizer.recognize",
  "TranslationRecognizer.sentences",
  "TranslationRecognizer.stream"
])

/** Types that are exported besides those that the functions name. */
const furtherTypes = [
  "BatchState.BatchRequest",
  "Batch.SubmitOptions",
  "Batch.UploadOptions",
  "BatchState.InputFile",
  "Models.Model",
  "StructuredOutput.ObjectOptions",
  "StructuredOutput.ObjectResult",
  "Tokens.CreateParams",
  "Tool.RunEvent",
  "Tool.RunResult",
  "DashScopeError.DashScopeError",
  "TaskState.TaskError",
  "BatchState.BatchError",
  "DownloadState.DownloadError",
  "StructuredOutput.InvalidObject",
  "ToolRun.ToolCallError",
  "ToolRun.TooManyRounds",
  "TextEmbedding.EmbedManyError",
  "ConnectionPool.Stats",
  "Application.ApplicationParams",
  "MultiModalConversation.AudioFormat",
  "MultiModalConversation.SavedAudio",
  "Tool.RunOptions",
  "Conversation.Answer",
  "Conversation.Budget",
  "Conversation.Input",
  "Conversation.Options",
  "DuplexTask.DuplexTaskEvent",
  "DuplexTask.DuplexTaskInput",
  "DuplexTask.DuplexTaskOptions",
  "DuplexTask.DuplexTaskRequest",
  "Realtime.ConversationEvent",
  "Realtime.ConversationInput",
  "Realtime.ConversationOptions",
  "Realtime.Family",
  "Realtime.Interpreted",
  "Realtime.RealtimeOptions",
  "Realtime.RealtimeParams",
  "Realtime.ResponseOptions",
  "Realtime.ServerEvent",
  "Realtime.SessionInfo",
  "Realtime.SessionParams",
  "Realtime.Transcript",
  "Recognition.ContextUpdate",
  "Recognition.RecognitionOptions",
  "Recognition.RecognitionParams",
  "Recognition.RecognitionResult",
  "Recognition.Recognized",
  "Recognition.Sentence",
  "SpeechSynthesizer.AnswerOptions",
  "SpeechSynthesizer.SpeechEvent",
  "SpeechSynthesizer.SpeechInput",
  "SpeechSynthesizer.SpeechParams",
  "TranslationRecognizer.TranslatedSentence",
  "TranslationRecognizer.Translated",
  "TranslationRecognizer.TranslationRecognizerOptions",
  "TranslationRecognizer.TranslationRecognizerParams",
  "TranslationRecognizer.TranslationResult",
  "DashScope.Options"
]

/** Modules whose declarations name nothing of Effect: taken as they are. */
const asTheyAre = new Set(["Media"])

/** Fields that are functions of Effect's types, and have no other form. */
const leftOut = new Set(["handlers", "store", "transformClient"])

/** Names that several modules have, and one of them has here without its own. */
const owners: Readonly<Record<string, string>> = {
  AudioFormat: "MultiModalConversation",
  Transcript: "Transcription",
  Usage: "ToolRun"
}

// ---------------------------------------------------------------------------------------------------------------------
// The compiler's view
// ---------------------------------------------------------------------------------------------------------------------

const config = ts.getParsedCommandLineOfConfigFile(join(root, "tsconfig.json"), {}, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: () => {}
})
if (config === undefined) throw new Error("tsconfig.json cannot be read")
const entry = join(root, "packages/client/src/index.ts")
const program = ts.createProgram([entry], config.options)
const checker = program.getTypeChecker()

const problems: Array<string> = []

const resolved = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

const entrySymbol = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile) as ts.Symbol
const modules = new Map(checker.getExportsOfModule(entrySymbol).map((symbol) => [symbol.name, resolved(symbol)]))

const moduleOf = (name: string): ts.Symbol => {
  const found = modules.get(name)
  if (found === undefined) throw new Error(`no module ${name}`)
  return found
}

const fileOf = (symbol: ts.Symbol): string => symbol.declarations?.[0]?.getSourceFile().fileName ?? ""

const isOurs = (symbol: ts.Symbol): boolean => /\/packages\/(?:client|pool)\/src\//.test(fileOf(symbol))
const isEffects = (symbol: ts.Symbol): boolean => /\/node_modules\/(?:effect|@effect\/[^/]+)\//.test(fileOf(symbol))
const isInternal = (symbol: ts.Symbol): boolean => fileOf(symbol).includes("/src/internal/")

/** How many modules have another type of the same name. */
const homes = new Map<string, Set<ts.Symbol>>()
for (const module of modules.values()) {
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = resolved(exported)
    if (!isOurs(symbol) || !(symbol.flags & ts.SymbolFlags.Type)) continue
    homes.set(symbol.name, (homes.get(symbol.name) ?? new Set()).add(symbol))
  }
}

/** Types that a Schema has and an interface or alias names: the same objects to the compiler. */
const named = new Map<ts.Type, ts.Symbol>()
for (const module of modules.values()) {
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = resolved(exported)
    if (!isOurs(symbol) || isInternal(symbol)) continue
    const type = checker.getDeclaredTypeOfSymbol(symbol)
    if (symbol.flags & ts.SymbolFlags.Interface) {
      const [base] = checker.getBaseTypes(type as ts.InterfaceType)
      const own = symbol.declarations?.flatMap((node) => ts.isInterfaceDeclaration(node) ? [...node.members] : []) ?? []
      if (base !== undefined && own.length === 0) named.set(base, symbol)
    } else if (symbol.flags & ts.SymbolFlags.TypeAlias && type.aliasSymbol === undefined) {
      const isOfObjects = type.isUnion() && type.types.some((part) => part.flags & ts.TypeFlags.Object)
      if (isOfObjects) named.set(type, symbol)
    }
  }
}

const homeOf = (symbol: ts.Symbol): string => basename(fileOf(symbol), ".ts")

/** Names that say too little, or the same twice, without their module. */
const renamed: Readonly<Record<string, string>> = {
  "CallOptions.Options": "ClientOptions",
  "ConnectionConfig.Input": "ConnectionOptions",
  "ConnectionPool.Stats": "PoolStats",
  "Conversation.Answer": "ConversationAnswer",
  "Conversation.Budget": "ConversationBudget",
  "RateLimitState.Call": "RateLimitCall",
  "RateLimitState.Options": "RateLimitOptions",
  "RealtimeEvent.Item": "RealtimeItem",
  "RealtimeEvent.KnownEvent": "KnownServerEvent",
  "RealtimeEvent.ServerEvent": "ServerEvent",
  "RealtimeEvent.Unknown": "UnknownServerEvent",
  "RealtimeParams.AudioFormat": "RealtimeAudioFormat",
  "RealtimeParams.Family": "RealtimeFamily",
  "RealtimeParams.Translation": "RealtimeTranslation",
  "RealtimeState.ConversationEvent": "RealtimeConversationEvent",
  "RealtimeState.ConversationInput": "RealtimeConversationInput",
  "RealtimeState.ConversationOptions": "RealtimeConversationOptions",
  "RealtimeState.Response": "RealtimeResponse",
  "RealtimeState.Transcript": "RealtimeTranscript",
  "Retry.Policy": "RetryPolicy",
  "Upload.UploadOptions": "UploadOptions"
}

const nameOf = (symbol: ts.Symbol): string => {
  const home = homeOf(symbol)
  const other = renamed[`${home}.${symbol.name}`]
  if (other !== undefined) return other
  const isShared = (homes.get(symbol.name)?.size ?? 0) > 1 || ["Options", "Extra"].includes(symbol.name)
  if (!isShared || home === "Message" || owners[symbol.name] === home) return symbol.name
  if (home === "MultiModalMessage") return `MultiModal${symbol.name}`
  return home.endsWith("State") || home.endsWith("Params") ? symbol.name : `${home}${symbol.name}`
}

const words = (text: string): string =>
  text
    // Links lead to what has no page here.
    .replace(/\{@link\s+([^}]+)\}/g, (_, target: string) => `\`${target.trim()}\``)
    // What can be written in Effect only.
    .replace(/ `Duration\.infinity`[^.]*\./g, "")
    .replace(/ A plain string is put into a `Redacted` at once\./g, "")
    .replace(/, a `Schedule` in its place,/g, ",")
    .replace(/ A schedule decides alone[^.]*\./g, "")
    .replace(/, made by `ConnectionConfig.make` or as a plain record/g, "")
    .replace(/ Calls of many fibers that/, " Calls that")
    .replace(/: see `RateLimit`\. Options, a limiter [^.]*`RateLimit\.make` [^.]*\./g, ".")
    .replace(/that\n? *of `RateLimit\.withPriority`, else /g, "")
    .replace(/the Schema's (identifier or title, else )?/g, "")
    .replace(/ ?\(`Effect\.[^)]*\)/g, "")
    .trim()

const comment = (text: string, indent: string): string => {
  if (text === "") return ""
  const lines = words(text).split("\n")
  return lines.length === 1
    ? `${indent}/** ${lines[0]} */\n`
    : `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`
}

const docOf = (symbol: ts.Symbol): string => ts.displayPartsToString(symbol.getDocumentationComment(checker))

/** Of a name that is a type and a value too, what is said of the type. */
const docOfNode = (node: ts.Node): string =>
  ts.getJSDocCommentsAndTags(node)
    .flatMap((doc) => ts.isJSDoc(doc) ? [ts.getTextOfJSDocComment(doc.comment) ?? ""] : [])
    .join("\n")

const firstParagraph = (text: string): string => text.split(/\n\s*\n/)[0] ?? ""

// ---------------------------------------------------------------------------------------------------------------------
// Types as text
// ---------------------------------------------------------------------------------------------------------------------

const declared = new Map<string, { readonly symbol: ts.Symbol; text: string }>()
const imported = new Set<string>()

let place = ""

const isDropped = (type: ts.Type): boolean => {
  const symbol = type.aliasSymbol ?? type.getSymbol()
  if (symbol === undefined) return false
  // Is asked in Effect.
  if (symbol.name === "Limiter" && homeOf(symbol) === "RateLimitState") return true
  // A plain record of knobs does all that the class does.
  if (symbol.name === "ConnectionConfig" && symbol.flags & ts.SymbolFlags.Class) return true
  return isEffects(symbol) && ["Redacted", "Schedule"].includes(symbol.name)
}

const isReference = (type: ts.Type): type is ts.TypeReference =>
  (type.flags & ts.TypeFlags.Object) !== 0 && ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0

const withArguments = (name: string, args: ReadonlyArray<ts.Type> | undefined, indent: string): string =>
  args === undefined || args.length === 0 ? name : `${name}<${args.map((arg) => print(arg, indent)).join(", ")}>`

const reference = (symbol: ts.Symbol, args: ReadonlyArray<ts.Type> | undefined, indent: string): string => {
  const home = homeOf(symbol)
  if (asTheyAre.has(home)) {
    imported.add(home)
    return `${home}.${symbol.name}`
  }
  declare(symbol)
  return withArguments(nameOf(symbol), args, indent)
}

const isDurationInput = (type: ts.Type): boolean =>
  type.aliasSymbol?.name === "DurationWithUnit" || type.aliasSymbol?.name === "DurationInput"

/** The compiler has the texts of a union in the order in which it saw them first, anywhere: that changes with anything. */
const withSortedTexts = (parts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const texts = parts.filter((part) => part.startsWith("\"")).sort()
  return parts.map((part) => part.startsWith("\"") ? texts.shift() ?? part : part)
}

/** As they are written, and not as the compiler came upon them. */
const inOrder = (properties: ReadonlyArray<ts.Symbol>): ReadonlyArray<ts.Symbol> => {
  const placeOf = (property: ts.Symbol) => property.valueDeclaration ?? property.declarations?.[0]
  return properties
    .map((property, i) => ({ property, i, at: placeOf(property) }))
    .sort((a, b) =>
      a.at === undefined || b.at === undefined || a.at.getSourceFile() !== b.at.getSourceFile()
        ? a.i - b.i
        : a.at.pos - b.at.pos
    )
    .map(({ property }) => property)
}

const printUnion = (type: ts.UnionType, indent: string): string => {
  if (type.aliasSymbol?.name === "Either") {
    const [right, left] = type.aliasTypeArguments ?? []
    if (right !== undefined && left !== undefined) return `Outcome<${print(right, indent)}, ${print(left, indent)}>`
  }
  const origin = (type as { readonly origin?: ts.Type }).origin
  const parts = (origin !== undefined && origin.isUnion() ? origin.types : type.types).flatMap((part) =>
    isDropped(part) ? [] : [print(part, indent)]
  )
  const unique = withSortedTexts([...new Set(parts)])
  const booleans = unique.includes("true") && unique.includes("false")
  const rest = booleans ? [...unique.filter((part) => part !== "true" && part !== "false"), "boolean"] : unique
  // What may be absent is named last.
  const absent = ["null", "undefined"].filter((part) => rest.includes(part))
  return [...rest.filter((part) => !absent.includes(part)), ...absent]
    .map((part) => part.includes("=>") ? `(${part})` : part)
    .join(" | ")
}

/** Two parameters that are taken apart would have one name. */
const distinct = (parameters: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first = "", second = ""] = parameters
  if (second === "" || /^\w+/.exec(first)?.[0] !== /^\w+/.exec(second)?.[0]) return parameters
  return first.startsWith("options")
    ? [first.replace(/^options/, "params"), ...parameters.slice(1)]
    : [first, second.replace(/^\w+/, "options"), ...parameters.slice(2)]
}

const printSignature = (signature: ts.Signature, indent: string, arrow: string): string => {
  const parameters = distinct(signature.getParameters().map((parameter) => printParameter(parameter, indent))).join(
    ", "
  )
  const predicate = checker.getTypePredicateOfSignature(signature)
  const returned = predicate?.type === undefined
    ? print(signature.getReturnType(), indent)
    : `${predicate.parameterName ?? "u"} is ${print(predicate.type, indent)}`
  return `(${parameters})${arrow}${returned}`
}

/** A parameter that is taken apart has no name of its own. */
const parameterName = (parameter: ts.Symbol): string => {
  if (/^\w+$/.test(parameter.name) && !parameter.name.startsWith("__")) return parameter.name
  const type = checker.getTypeOfSymbol(parameter)
  const symbol = type.aliasSymbol ?? type.getSymbol()
  if (symbol === undefined || symbol.name.startsWith("__")) return "options"
  return /Options$/.test(symbol.name) ? "options" : /Params$|Omit$/.test(symbol.name) ? "params" : "result"
}

const isOptional = (parameter: ts.Symbol): boolean => {
  const declaration = parameter.valueDeclaration
  return declaration !== undefined && ts.isParameter(declaration) && checker.isOptionalParameter(declaration)
}

const withoutUndefined = (type: ts.Type): ts.Type => {
  const isSure = type.isUnion() && type.types.some((part) => part.flags & ts.TypeFlags.Undefined)
  return isSure ? checker.getNonNullableType(type) : type
}

const printParameter = (parameter: ts.Symbol, indent: string): string => {
  const type = checker.getTypeOfSymbol(parameter)
  const optional = isOptional(parameter)
  return `${parameterName(parameter)}${optional ? "?" : ""}: ${print(optional ? withoutUndefined(type) : type, indent)}`
}

const isInherited = (property: ts.Symbol): boolean => {
  const file = fileOf(property)
  return file !== "" && !/\/packages\/(?:client|pool)\/src\//.test(file)
}

const pollDoc =
  "The pause between questions. Default: 1, 1, 2, 2, 2, 4, 4, 4, 5, 5 … seconds, and longer ones for batches."

const printMembers = (
  type: ts.Type,
  indent: string,
  isError = false,
  inherited: ReadonlySet<string> = new Set()
): string => {
  const inner = `${indent}  `
  const members = inOrder(checker.getPropertiesOfType(type)).flatMap((property) => {
    if (property.name.startsWith("__@") || leftOut.has(property.name) || inherited.has(property.name)) return []
    if (isError && (isInherited(property) && !["_tag", "cause"].includes(property.name))) return []
    if (isError && ["message", "toString"].includes(property.name)) return []
    const before = place
    place = `${place}.${property.name}`
    const declaration = property.valueDeclaration ?? property.declarations?.[0]
    const propertyType = checker.getTypeOfSymbolAtLocation(
      property,
      declaration ?? (program.getSourceFile(entry) as ts.Node)
    )
    const optional = (property.flags & ts.SymbolFlags.Optional) !== 0 ? "?" : ""
    const name = /^[A-Za-z_]\w*$/.test(property.name) ? property.name : JSON.stringify(property.name)
    // A schedule has no other form than the one pause that it mostly is.
    const isPoll = property.name === "poll"
    const text = isPoll ? "Duration | undefined" : print(propertyType, inner)
    place = before
    return [`${comment(isPoll ? pollDoc : docOf(property), inner)}${inner}readonly ${name}${optional}: ${text}\n`]
  })
  const index = checker.getIndexInfosOfType(type).map(({ isReadonly, keyType, type }) =>
    `${inner}${isReadonly ? "readonly " : ""}[name: ${print(keyType, inner)}]: ${print(type, inner)}\n`
  )
  return [...members, ...index].join("")
}

const printObject = (type: ts.ObjectType, indent: string): string => {
  const symbol = type.getSymbol()
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type as ts.TypeReference)
    const name = symbol?.name === "ReadonlyArray" ? "ReadonlyArray" : "Array"
    return `${name}<${print(item as ts.Type, indent)}>`
  }
  if (checker.isTupleType(type)) {
    const target = (type as ts.TupleTypeReference).target
    const items = checker.getTypeArguments(type as ts.TypeReference).map((item, i) => {
      const flags = target.elementFlags[i] ?? 0
      const text = print(item, indent)
      return flags & ts.ElementFlags.Rest ? `...Array<${text}>` : flags & ts.ElementFlags.Optional ? `${text}?` : text
    })
    return `${target.readonly ? "readonly " : ""}[${items.join(", ")}]`
  }
  const isNamed = symbol !== undefined && (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) !== 0
  if (isNamed) {
    const args = isReference(type) ? checker.getTypeArguments(type) : undefined
    // The last argument of a class's reference is its own `this`.
    const own = args?.slice(0, (type as ts.TypeReference).target?.typeParameters?.length ?? 0)
    if (isOurs(symbol)) return reference(symbol, own, indent)
    if (isEffects(symbol)) {
      if (symbol.name === "Duration") return "DurationValue"
      const [value] = own ?? []
      if (symbol.name === "Effect" && value !== undefined) {
        return `Promise<${print(value, indent)}> | ${print(value, indent)}`
      }
      if (symbol.name === "SystemError" || symbol.name === "BadArgument") return "Error"
      problems.push(`${place}: ${symbol.name} of Effect`)
      return "never"
    }
    if (symbol.name === "Iterable") return withArguments("Iterable", own?.slice(0, 1), indent)
    // Uint8Array and the like are generic only in newer libraries.
    const isGeneral = /Array$/.test(symbol.name) && own?.[0]?.getSymbol()?.name !== "ArrayBuffer"
    return isGeneral ? symbol.name : withArguments(symbol.name, own, indent)
  }
  const [signature] = type.getCallSignatures()
  if (signature !== undefined) return printSignature(signature, indent, " => ")
  const members = printMembers(type, indent)
  return members === "" ? "{}" : `{\n${members}${indent}}`
}

const print = (type: ts.Type, indent: string): string => {
  if (isDurationInput(type)) return "Duration"
  const alias = type.aliasSymbol
  if (alias !== undefined && isOurs(alias) && !isInternal(alias)) {
    return reference(alias, type.aliasTypeArguments, indent)
  }
  const known = named.get(type)
  if (known !== undefined) return reference(known, undefined, indent)
  if (type.flags & ts.TypeFlags.TypeParameter) return type.symbol.name
  if (type.isUnion()) return printUnion(type, indent)
  if (type.isIntersection()) {
    if (type.types.every((part) => part.flags & ts.TypeFlags.Object)) {
      const members = printMembers(type, indent)
      return `{\n${members}${indent}}`
    }
    return `(${type.types.map((part) => print(part, indent)).join(" & ")})`
  }
  if (type.flags & ts.TypeFlags.Object) return printObject(type as ts.ObjectType, indent)
  return checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation)
}

/** What an interface extends, where that has a name here too. */
const heritageOf = (
  declaration: ts.Node | undefined
): { readonly text: string; readonly names: ReadonlySet<string> } => {
  const names = new Set<string>()
  const texts = declaration === undefined || !ts.isInterfaceDeclaration(declaration)
    ? []
    : (declaration.heritageClauses ?? []).flatMap(({ types }) =>
      types.flatMap((node) => {
        const type = checker.getTypeAtLocation(node)
        const [base, omitted] = node.typeArguments ?? []
        const isOmit = node.expression.getText() === "Omit" && base !== undefined && omitted !== undefined
        const named = isOmit ? checker.getTypeAtLocation(base) : type
        const symbol = named.aliasSymbol ?? named.getSymbol()
        const isPlain = symbol !== undefined && isOurs(symbol) && !isInternal(symbol) &&
          (isOmit ? !/</.test(base.getText()) : node.typeArguments === undefined)
        if (!isPlain) return []
        for (const property of checker.getPropertiesOfType(type)) names.add(property.name)
        const name = reference(symbol, undefined, "")
        return [isOmit ? `Omit<${name}, ${omitted.getText()}>` : name]
      })
    )
  return { text: texts.length === 0 ? "" : ` extends ${texts.join(", ")}`, names }
}

const isErrorClass = (symbol: ts.Symbol, type: ts.Type): boolean =>
  (symbol.flags & ts.SymbolFlags.Class) !== 0 && checker.getPropertyOfType(type, "stack") !== undefined

/** Adds a declaration, once. */
const declare = (symbol: ts.Symbol): void => {
  const name = nameOf(symbol)
  const known = declared.get(name)
  if (known !== undefined) {
    if (known.symbol !== symbol) {
      problems.push(`two types are named ${name}: of ${homeOf(known.symbol)} and ${homeOf(symbol)}`)
    }
    return
  }
  const entry = { symbol, text: "" }
  declared.set(name, entry)
  const before = place
  place = name
  const type = checker.getDeclaredTypeOfSymbol(symbol)
  const declaration = symbol.declarations?.find((node) =>
    ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)
  )
  const names = declaration?.typeParameters?.map((parameter) => {
    const standard = parameter.default === undefined
      ? ""
      : ` = ${print(checker.getTypeFromTypeNode(parameter.default), "")}`
    return `${parameter.name.text}${standard}`
  })
  const parameters = names === undefined || names.length === 0 ? "" : `<${names.join(", ")}>`
  const doc = comment(declaration === undefined ? docOf(symbol) : docOfNode(declaration), "")
  if (declaration !== undefined && ts.isTypeAliasDeclaration(declaration)) {
    // Of an alias its own name is not the text.
    const body = type.isUnion() ? printUnion(type, "") : type.flags & ts.TypeFlags.Object && type.aliasSymbol === symbol
      ? printObject(type as ts.ObjectType, "")
      : type.isIntersection()
      ? `{\n${printMembers(type, "")}}`
      : print(type, "")
    entry.text = `${doc}export type ${name}${parameters} = ${body}\n`
  } else if (isErrorClass(symbol, type)) {
    entry.text = `${doc}export interface ${name}${parameters} extends Error {\n${printMembers(type, "", true)}}\n`
  } else {
    const heritage = heritageOf(declaration)
    const members = printMembers(type, "", false, heritage.names)
    entry.text = `${doc}export interface ${name}${parameters}${heritage.text} {\n${members}}\n`
  }
  place = before
}

// ---------------------------------------------------------------------------------------------------------------------
// Functions
// ---------------------------------------------------------------------------------------------------------------------

/** What an Effect or a Stream succeeds with. */
const succeeded = (type: ts.Type): { readonly kind: "Effect" | "Stream"; readonly type: ts.Type } | undefined => {
  const name = type.getSymbol()?.name
  if ((name !== "Effect" && name !== "Stream") || !isReference(type)) return undefined
  const [value] = checker.getTypeArguments(type)
  return value === undefined ? undefined : { kind: name, type: value }
}

const method = (name: string, doc: string, signature: ts.Signature): string => {
  const result = succeeded(signature.getReturnType())
  const parameters = distinct(signature.getParameters().map((parameter) => printParameter(parameter, "  "))).map(
    (text, i, all) => {
      return result !== undefined && i === all.length - 1 && /^options\??: /.test(text) ? `${text} & Abortable` : text
    }
  )
  const returned = result === undefined
    ? undefined
    : result.kind === "Effect"
    ? `Promise<${print(result.type, "  ")}>`
    : `AsyncIterable<${print(result.type, "  ")}>`
  const text = returned === undefined
    ? printSignature(signature, "  ", " => ")
    : `(${parameters.join(", ")}) => ${returned}`
  // As a property, so that its parameters are compared strictly with those of the service.
  return `${comment(firstParagraph(doc), "  ")}  readonly ${name}: ${text}\n`
}

interface Functions {
  readonly service: ReadonlyArray<string>
  readonly pure: ReadonlyArray<string>
}

const functionsOf = (module: string): Functions => {
  const service: Array<string> = []
  const pure: Array<string> = []
  for (const exported of checker.getExportsOfModule(moduleOf(module))) {
    const symbol = resolved(exported)
    const full = `${module}.${exported.name}`
    if (!(symbol.flags & ts.SymbolFlags.Value) || byHand.has(full)) continue
    const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures()
    // The errors are classes, and results are what the functions give.
    if (signature === undefined || checker.getTypePredicateOfSignature(signature) !== undefined) continue
    place = full
    if (signature.typeParameters !== undefined) {
      if (exported.name !== "withFields") problems.push(`${full} is generic: write it by hand`)
      continue
    }
    const target = succeeded(signature.getReturnType()) === undefined ? pure : service
    target.push(method(exported.name, docOf(exported) || docOf(symbol), signature))
  }
  return { service, pure }
}

const interfaces: Array<string> = []
for (const module of [...Object.values(services), ...pure]) {
  const { pure, service } = functionsOf(module)
  if (service.length > 0) {
    interfaces.push(
      `/** The requests of \`${module}\`. */\nexport interface ${module}Requests {\n${service.join("\n")}}\n`
    )
  }
  if (pure.length > 0) {
    interfaces.push(
      `/** What \`${module}\` has that sends nothing. */\nexport interface ${module}Functions {\n${pure.join("\n")}}\n`
    )
  }
}

for (const full of furtherTypes) {
  const [module = "", name = ""] = full.split(".")
  const symbol = checker.getExportsOfModule(moduleOf(module)).find((exported) => exported.name === name)
  if (symbol === undefined) problems.push(`${full} is not there`)
  else declare(resolved(symbol))
}

// ---------------------------------------------------------------------------------------------------------------------
// The file
// ---------------------------------------------------------------------------------------------------------------------

const header = `/**
 * The types of \`effect-dashscope/Promise\`: those of the services, with nothing of Effect in them.
 *
 * Written by \`npm run promise-types\` from the types of the services. Change those, and run it.
 *
 * @since 0.1.0
 */
/* eslint-disable */
`

const given = `
/** A span of time: \`"30 seconds"\`, \`"500 millis"\`, \`"2 minutes"\`. A bare number is refused: write a unit. */
export type Duration = \`\${number} \${"nano" | "micro" | "milli" | "second" | "minute" | "hour" | "day" | "week"}\${"" | "s"}\`

/** A span of time as errors hold it. \`toMillis\` reads it. */
export interface DurationValue {
  toJSON(): unknown
}

/** What came of one of many, or why nothing did: \`const { value, error } = outcome\`. */
export type Outcome<A, E> =
  | { readonly value: A; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: E }

/** What every request may be given. */
export interface Abortable {
  /** Ends the request, and gives its connection back at once. The Promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}
`

const text = [
  header,
  ...[...imported].sort().map((module) => `import type * as ${module} from "../${module}.js"\n`),
  given,
  ...interfaces.map((text) => `\n${text}`),
  ...[...declared].sort(([a], [b]) => a < b ? -1 : 1).map(([, { text }]) => `\n${text}`)
].join("")

if (problems.length > 0) {
  console.error(`promise-types: ${problems.length} types have no form without Effect\n  ${problems.join("\n  ")}`)
}
if (process.argv.includes("--check")) {
  if (readFileSync(out, "utf8") !== text) {
    console.error("promise-types: packages/client/src/promise/types.ts is not up to date: npm run promise-types")
    process.exit(1)
  }
} else {
  writeFileSync(out, text)
}
if (problems.length > 0) process.exit(1)
