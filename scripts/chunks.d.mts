export type Groups = Readonly<Record<string, ReadonlyArray<string>>>

export declare const groups: Readonly<Record<string, Groups>>

export declare const joinModules: (dist: string, groups: Groups) => Promise<Array<string>>
