/** Where the compiler's program is. */
export declare const compilerPath: () => Promise<string>
