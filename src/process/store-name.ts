/** What may be shown of the store's URL: where it is, never as whom it is reached. */

/** `lmdb`, `redis`, `rediss+cluster` and the like. */
export const kindOf = (url: string): string => url.slice(0, url.indexOf(':'))

/** Without user and passwords, also those of Sentinels in its query. */
export const withoutSecrets = (url: string): string =>
  kindOf(url) === 'lmdb' ? url : url.replace(/\?.*$/s, '').replace(/^([^/]*\/\/)(?:.*@)?/s, '$1')
