export declare const obtainRelease: (commit: string, clone?: string) => Promise<string>
