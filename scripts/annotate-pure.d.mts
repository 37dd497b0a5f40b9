import type { SourceFile, TransformerFactory } from "typescript"

export declare const annotatePure: TransformerFactory<SourceFile>
