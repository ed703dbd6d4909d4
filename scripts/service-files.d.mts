/** Packages that are put into the files of the service. */
export declare const INSIDE: readonly string[]
