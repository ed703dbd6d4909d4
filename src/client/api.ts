/**
 * The types of every call of the service, made from openapi/openapi.json by openapi-typescript (`npm run client-types`):
 * not to be edited by hand. What a call takes and answers stands in `operations`, under its operationId; what calls
 * share, in `components`.
 */

export interface paths {
    readonly "/livez": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Whether the process is alive
         * @description Asks nothing of the store: a store that is away is no reason to restart the service.
         */
        readonly get: operations["isAlive"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Whether the service can do its work
         * @description It can while any part of the store serves. `degraded` says that a part is away, and `away` which: calls for the sessions in it are answered 503, all others go on. What is wrong with the setup of the store is in `warnings`. A service that is about to end says 503 `draining`; it goes on answering all other calls.
         */
        readonly get: operations["isReady"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * All sessions of the namespace
         * @description Those that live, part by part, in no order that is promised. What lives all the time while the parts are read is in some part; what begins or ends meanwhile may be in one or not, and a session may be in two. A part may hold fewer than `limit`, and none at all, while there is a `next`. This is no use of the sessions.
         */
        readonly get: operations["listSessions"];
        readonly put?: never;
        /**
         * Begin a session
         * @description Begins a session, under `id` or under a UUID that is drawn. With `settings` they are at revision 1, without at 0 (unwritten). A session need not be begun: the first write of its settings does it.
         */
        readonly post: operations["createSession"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/rotate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give a session a new id, and bind it
         * @description The same settings go on under a new UUID, and the old one is gone (`rotated`) in the same step, with all its tokens. With `subject` the session is bound to that user and a new lifetime begins: what a login should do. A missing session is begun under the new id.
         */
        readonly post: operations["rotateSession"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a session with its settings and clocks */
        readonly get: operations["getSession"];
        readonly put?: never;
        readonly post?: never;
        /**
         * End a session for good
         * @description The settings are removed and a tombstone stays: a late write gets 410 and brings nothing back. An id that is missing can be ended, too, for a log-out may come before the first write. Ending twice is 204 twice. One that was rotated lives on under its new id: that is 410 (`rotated`).
         */
        readonly delete: operations["endSession"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/touch": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Slide the idle clock
         * @description Says that the session is in use. Reads and writes say that by themselves; this is for whoever keeps the settings in memory.
         */
        readonly post: operations["touchSession"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/batch": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Read many sessions at once
         * @description Each is read by itself: this is not one snapshot. It counts as use only with `touch: true`.
         */
        readonly post: operations["readSessions"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/settings": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read the settings
         * @description The settings alone. A session that is missing reads as `{}` with the ETag `"0"`, so that a first render needs no special case.
         */
        readonly get: operations["getSettings"];
        /**
         * Replace all settings
         * @description Must say what it replaces, or it is 428: `If-Match` with the ETag that was read, `If-None-Match: *` to begin them, `If-Match: *` to overwrite whatever is there. To change some keys, PATCH.
         */
        readonly put: operations["replaceSettings"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /**
         * Change some keys
         * @description With a merge patch (RFC 7396; plain `application/json` is taken as one) the keys named are set, or removed by `null`, at any depth, and the others stay as they are. With a JSON Patch (RFC 6902) values are set as they are, `null` among them, and `test` is a condition. Either is applied whole or not at all, and never loses what somebody else writes at the same time.
         */
        readonly patch: operations["patchSettings"];
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/settings/{key}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read one key
         * @description The bare JSON value, as it was sent, with an ETag of its own.
         */
        readonly get: operations["getKey"];
        /**
         * Put one key
         * @description The body is the bare JSON value. The other keys stay as they are, whoever writes them meanwhile. With a token a precondition tells what is there: it needs the scope `read` and the key readable.
         */
        readonly put: operations["putKey"];
        readonly post?: never;
        /**
         * Remove one key
         * @description A key that is not there stays away: 204 as well. Nothing is ever made by removing. With a token a precondition needs the scope `read` and the key readable.
         */
        readonly delete: operations["deleteKey"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/settings/{key}/take": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Read and remove one key in one step
         * @description For what is to be had once: a flash message, a one-time code. Of any number of callers at the same moment exactly one gets the value, the others 404. With an `Idempotency-Key` a lost answer can be asked for again. A precondition is on the key; with a token it needs the scope `read`.
         */
        readonly post: operations["takeKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/settings/{key}/increment": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Add to a number in one step
         * @description An absent key counts as 0. None of any number of increments at the same moment is lost. Computed in doubles; where that would round, 409 and nothing changes. A precondition is on the key.
         */
        readonly post: operations["incrementKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/take": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Read and remove one key in one step
         * @description For what is to be had once: a flash message, a one-time code. Of any number of callers at the same moment exactly one gets the value, the others 404. With an `Idempotency-Key` a lost answer can be asked for again. A precondition is on the key; with a token it needs the scope `read`. The same as the call that has the key in its path, for any key and through any proxy.
         */
        readonly post: operations["takeKeyByName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/increment": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Add to a number in one step
         * @description An absent key counts as 0. None of any number of increments at the same moment is lost. Computed in doubles; where that would round, 409 and nothing changes. A precondition is on the key. The same as the call that has the key in its path, for any key and through any proxy.
         */
        readonly post: operations["incrementKeyByName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/tokens": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Mint a session token
         * @description A signed token for this life of this session, to hand to a browser or a socket. It may be narrower than the session: it can be for some keys only, and only do some things. With an API key any can be minted, also for a session that nobody has written yet; with a token that has the scope `renew` the same or less, until `renewUntil`.
         */
        readonly post: operations["mintToken"];
        /**
         * Make every token of a session void
         * @description Every token and cookie of the session so far is dead from the next call on. The session lives on.
         */
        readonly delete: operations["revokeTokens"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/introspect": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask whether a token is good
         * @description RFC 7662, for tokens of the namespace of the API key.
         */
        readonly post: operations["introspectToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make a token void
         * @description RFC 7009. The session's other tokens go with it, as §2.1 there allows. A token that is not good is void already: 200 as well.
         */
        readonly post: operations["revokeToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cookie": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Exchange a session token for a cookie
         * @description For a page that is to call without a script holding a secret. The cookie may do what the token may, within the browser rule of the namespace, for as long as the session can live. The page must be of one of the origins of the browser rule, or of the service’s own (`Sec-Fetch-Site: same-origin`).
         */
        readonly post: operations["exchangeToken"];
        /**
         * Clear the cookies of this browser
         * @description In the browser only: it ends no session and makes nothing void. End the session, or make its tokens void, for that. Clears each cookie of ours that was sent, good or bad, if the page may use cookies of its namespace.
         */
        readonly delete: operations["clearCookie"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/.well-known/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The public keys that tokens are signed with
         * @description A JWK Set, RFC 7517. A key is here an hour before it signs.
         */
        readonly get: operations["getSigningKeys"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/signing-keys/{kid}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Retire a signing key at once
         * @description For a key that others may know. Every token that it signed, of every namespace, is void here with the answer and on every other replica within 5 s; another key signs from then on. Whoever verifies tokens by himself may keep the public key for 5 minutes.
         */
        readonly delete: operations["retireSigningKey"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/backup": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * A backup of the embedded store, of all namespaces
         * @description A consistent copy as of one moment. Others read and write meanwhile. It holds every setting, signing key and cookie secret: keep it as you keep these. `coatcheck backup` calls this; `coatcheck restore` makes a store of the answer. On Redis it is refused.
         */
        readonly post: operations["makeBackup"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/reencrypt": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Encrypt a part of what is stored, of all namespaces
         * @description Puts what is plain, or encrypted under an older key, under the key that encrypts now. No version, clock or event comes of it. `coatcheck reencrypt` calls this until nothing is left.
         */
        readonly post: operations["reencrypt"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/handoffs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make a one-time code
         * @description Made where the login happened, such as a live view, and redeemed on the HTTP side after a redirect. It is for this life of this session. With `subject`, redeeming binds the session to that user under a new id. A session that nobody has written yet is begun for it.
         */
        readonly post: operations["makeHandoff"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/handoffs/redeem": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Redeem a one-time code
         * @description `sessionId` is what the visitor's own browser holds: a code for another session is refused, and not spent. With a subject the session moves to a new id in the same step; until then the old one lives, and after it is gone (`rotated`).
         */
        readonly post: operations["redeemHandoff"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/subjects/{subject}/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Where a user is logged in
         * @description The living sessions that are bound to the subject, in no order that is promised. A part may hold fewer than `limit`, and none at all, while there is a `next`. This is no use of the sessions.
         */
        readonly get: operations["listSubjectSessions"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Log a user out everywhere
         * @description Ends every session that is bound to the subject (`revoked`), also those that are just being bound, and makes pending hand-offs for it worthless. A 503 says that it is not done yet: ask again, it goes on where it was.
         */
        readonly delete: operations["endSubjectSessions"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Hear of the changes of a session
         * @description Server-sent events. `snapshot` first (left out when `Last-Event-ID` is the present ETag), then `change`, `expiring`, and at last `ended` with its reason. `renew` comes 30 s before the credential ends, `unauthorized` when it has ended: the session lives on. Only keys that the credential may read; a change of which nothing may be seen is an `id` alone. Watching is no use of the session unless `touch=true`. An API key may watch a missing session.
         */
        readonly get: operations["watchSession"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Hear of the changes of all sessions
         * @description The namespace's feed, for a node that serves many live views: `change` and `ended` of every session, each with its `id`. `gap` comes first, and again whenever something may have been missed, of one session (`id`) or of any: read what you hold by `POST /v1/sessions/batch`. With `ids` the sessions named are told by state, beginning with a `snapshot` of each, and there are no gaps.
         */
        readonly get: operations["watchNamespace"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** A session */
        readonly Session: {
            /**
             * @description A session's UUID, of any version and in either case; answers have it in lower case.
             * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
             */
            readonly id: string;
            /**
             * @description The ETag of the settings, without quotes; `0` while they are unwritten.
             * @example 3-Xq2mB0aZ
             */
            readonly etag: string;
            /**
             * @description +1 with each change of the settings.
             * @example 3
             */
            readonly revision: number;
            /**
             * @description The user that the session is bound to. A session token does not see it.
             * @example user-42
             */
            readonly subject?: string | null;
            /**
             * Format: date-time
             * @description When this life of the session began.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly createdAt: string;
            /**
             * Format: date-time
             * @description The latest use that was written down: at most a tenth of the idle timeout, or 60 s, too early.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly lastSeenAt: string;
            /**
             * @description How long the session lives unused.
             * @example 8640000
             */
            readonly idleTimeoutSeconds: number;
            /**
             * @description How long the session lives at most, used or not.
             * @example 34560000
             */
            readonly lifetimeSeconds: number;
            /**
             * Format: date-time
             * @description When the session ends if nobody uses it from now on.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly expiresAt: string;
            /**
             * @description An app's settings: a JSON object. Each value is kept as the text that was sent.
             * @example {
             *       "username": "henrik",
             *       "theme": "dark"
             *     }
             */
            readonly settings: {
                readonly [key: string]: unknown;
            };
        };
        /** A session without its settings */
        readonly SessionClocks: {
            /**
             * @description A session's UUID, of any version and in either case; answers have it in lower case.
             * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
             */
            readonly id: string;
            /**
             * @description The ETag of the settings, without quotes; `0` while they are unwritten.
             * @example 3-Xq2mB0aZ
             */
            readonly etag: string;
            /**
             * @description +1 with each change of the settings.
             * @example 3
             */
            readonly revision: number;
            /**
             * @description The user that the session is bound to. A session token does not see it.
             * @example user-42
             */
            readonly subject?: string | null;
            /**
             * Format: date-time
             * @description When this life of the session began.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly createdAt: string;
            /**
             * Format: date-time
             * @description The latest use that was written down: at most a tenth of the idle timeout, or 60 s, too early.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly lastSeenAt: string;
            /**
             * @description How long the session lives unused.
             * @example 8640000
             */
            readonly idleTimeoutSeconds: number;
            /**
             * @description How long the session lives at most, used or not.
             * @example 34560000
             */
            readonly lifetimeSeconds: number;
            /**
             * Format: date-time
             * @description When the session ends if nobody uses it from now on.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly expiresAt: string;
        };
        /** A session, and its token if one was asked for */
        readonly SessionWithToken: {
            /**
             * @description A session's UUID, of any version and in either case; answers have it in lower case.
             * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
             */
            readonly id: string;
            /**
             * @description The ETag of the settings, without quotes; `0` while they are unwritten.
             * @example 3-Xq2mB0aZ
             */
            readonly etag: string;
            /**
             * @description +1 with each change of the settings.
             * @example 3
             */
            readonly revision: number;
            /**
             * @description The user that the session is bound to. A session token does not see it.
             * @example user-42
             */
            readonly subject?: string | null;
            /**
             * Format: date-time
             * @description When this life of the session began.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly createdAt: string;
            /**
             * Format: date-time
             * @description The latest use that was written down: at most a tenth of the idle timeout, or 60 s, too early.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly lastSeenAt: string;
            /**
             * @description How long the session lives unused.
             * @example 8640000
             */
            readonly idleTimeoutSeconds: number;
            /**
             * @description How long the session lives at most, used or not.
             * @example 34560000
             */
            readonly lifetimeSeconds: number;
            /**
             * Format: date-time
             * @description When the session ends if nobody uses it from now on.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly expiresAt: string;
            /**
             * @description An app's settings: a JSON object. Each value is kept as the text that was sent.
             * @example {
             *       "username": "henrik",
             *       "theme": "dark"
             *     }
             */
            readonly settings: {
                readonly [key: string]: unknown;
            };
            readonly token?: {
                readonly access_token: string;
                /** @example Bearer */
                readonly token_type: string;
                /** @description In seconds. */
                readonly expires_in: number;
                readonly scope: string;
            };
        };
        /** A session under its new id, and its token if one was asked for */
        readonly RotatedSession: {
            /**
             * @description A session's UUID, of any version and in either case; answers have it in lower case.
             * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
             */
            readonly id: string;
            /**
             * @description The ETag of the settings, without quotes; `0` while they are unwritten.
             * @example 3-Xq2mB0aZ
             */
            readonly etag: string;
            /**
             * @description +1 with each change of the settings.
             * @example 3
             */
            readonly revision: number;
            /**
             * @description The user that the session is bound to. A session token does not see it.
             * @example user-42
             */
            readonly subject?: string | null;
            /**
             * Format: date-time
             * @description When this life of the session began.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly createdAt: string;
            /**
             * Format: date-time
             * @description The latest use that was written down: at most a tenth of the idle timeout, or 60 s, too early.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly lastSeenAt: string;
            /**
             * @description How long the session lives unused.
             * @example 8640000
             */
            readonly idleTimeoutSeconds: number;
            /**
             * @description How long the session lives at most, used or not.
             * @example 34560000
             */
            readonly lifetimeSeconds: number;
            /**
             * Format: date-time
             * @description When the session ends if nobody uses it from now on.
             * @example 2026-11-21T20:00:00.000Z
             */
            readonly expiresAt: string;
            /**
             * @description An app's settings: a JSON object. Each value is kept as the text that was sent.
             * @example {
             *       "username": "henrik",
             *       "theme": "dark"
             *     }
             */
            readonly settings: {
                readonly [key: string]: unknown;
            };
            /** @description Only in a namespace with durability `replicated`: how many replicas of the store had it in time. If they are fewer than are needed, a fail-over may undo the rotation. */
            readonly copies?: number;
            readonly token?: {
                readonly access_token: string;
                /** @example Bearer */
                readonly token_type: string;
                /** @description In seconds. */
                readonly expires_in: number;
                readonly scope: string;
            };
        };
        /** A problem, RFC 9457 */
        readonly Problem: {
            /** @example urn:coatcheck:problem:session_gone */
            readonly type: string;
            /** @description The same for every problem of this code. */
            readonly title: string;
            /** @example 410 */
            readonly status: number;
            /**
             * @description One of a closed list: what a program switches on.
             * @enum {string}
             */
            readonly code: "malformed_json" | "invalid_request" | "credential_required" | "invalid_credential" | "session_over" | "insufficient_scope" | "key_not_allowed" | "origin_not_allowed" | "keys_required" | "not_found" | "session_not_found" | "key_not_found" | "signing_key_not_found" | "method_not_allowed" | "request_timeout" | "session_exists" | "test_failed" | "path_not_found" | "not_incrementable" | "signing_keys_fixed" | "too_many_sessions" | "subject_ended" | "backup_elsewhere" | "not_encrypted" | "backup_running" | "handoff_gone" | "session_gone" | "precondition_failed" | "body_too_large" | "settings_too_large" | "unsupported_media_type" | "expectation_failed" | "too_many_keys" | "key_length" | "name_refused" | "too_deep" | "settings_invalid" | "invalid_patch" | "limit_exceeded" | "idempotency_key_reused" | "precondition_required" | "too_many_streams" | "rate_limited" | "headers_too_large" | "internal_error" | "overloaded" | "draining" | "store_unavailable" | "not_replicated" | "moving" | "store_full";
            /** @description What to do about this case. */
            readonly detail: string;
            readonly errors?: readonly {
                /** @description An RFC 6901 pointer into the body, or `#/path`, `#/query`, `#/headers`. */
                readonly pointer: string;
                readonly detail: string;
            }[];
            /** @description How much may be. */
            readonly limit?: number;
            /**
             * @description Why a session is gone.
             * @example deleted
             */
            readonly reason?: string;
            /**
             * Format: date-time
             * @description When a session was ended.
             */
            readonly endedAt?: string;
            /** @description What to look for in the log. */
            readonly requestId?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description The version of the API. An answer without it is not from Coatcheck: a proxy or a maintenance page gave it. */
        readonly CoatcheckVersion: "1";
        /** @description The name of this call: `X-Request-Id` as it was sent, if it has 1 to 128 of letters, digits and `._:+/=@-`, else a new one. It stands in the log of the service. */
        readonly RequestId: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly isAlive: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly status: "ok";
                    };
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The service has more to do than it can. */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly isReady: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It can. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly status: "ok" | "degraded";
                        readonly warnings: readonly string[];
                        readonly away: readonly string[];
                    };
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `draining`: The service is about to end.
             *
             *     `store_unavailable`: The store is away.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listSessions: {
        readonly parameters: {
            readonly query?: {
                /** @description How many at most; 50 if left out, 100 at most. */
                readonly limit?: string;
                /** @description `next` of the part before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A part of them. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly sessions: readonly components["schemas"]["Session"][];
                        /** @description Where the next part begins; left out at the end. */
                        readonly next?: string;
                    };
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The credential may not do this. */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "settings": {
                 *         "username": "henrik"
                 *       }
                 *     }
                 */
                readonly "application/json": {
                    /**
                     * @description A session's UUID, of any version and in either case; answers have it in lower case.
                     * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                     */
                    readonly id?: string;
                    /**
                     * @description An app's settings: a JSON object. Each value is kept as the text that was sent.
                     * @example {
                     *       "username": "henrik",
                     *       "theme": "dark"
                     *     }
                     */
                    readonly settings?: {
                        readonly [key: string]: unknown;
                    };
                    /**
                     * @description The user that the session is bound to. A session token does not see it.
                     * @example user-42
                     */
                    readonly subject?: string;
                    /**
                     * @description How long the session lives unused.
                     * @example 8640000
                     */
                    readonly idleTimeoutSeconds?: number;
                    /**
                     * @description How long the session lives at most, used or not.
                     * @example 34560000
                     */
                    readonly lifetimeSeconds?: number;
                    /**
                     * @example {
                     *       "keys": {
                     *         "read": [
                     *           "*"
                     *         ],
                     *         "write": [
                     *           "theme",
                     *           "username"
                     *         ]
                     *       }
                     *     }
                     */
                    readonly token?: {
                        /**
                         * @description Space-separated, of `read`, `write`, `take`, `events`, `touch`, `end`, `renew`, `cookie`. `read write touch` if left out.
                         * @example read write touch
                         */
                        readonly scope?: string;
                        /** @description Which keys of the settings the token may see and change. */
                        readonly keys?: {
                            /**
                             * @description Names of keys; `prefix*` stands for all that begin so, `*` for all.
                             * @example [
                             *       "theme",
                             *       "cart-*"
                             *     ]
                             */
                            readonly read?: readonly string[];
                            /**
                             * @description Names of keys; `prefix*` stands for all that begin so, `*` for all.
                             * @example [
                             *       "theme",
                             *       "cart-*"
                             *     ]
                             */
                            readonly write?: readonly string[];
                        };
                        /**
                         * @description How long the token lives; 900 if left out, and never longer than the session.
                         * @example 900
                         */
                        readonly expiresInSeconds?: number;
                        /** @description Who is to take the token, if not this service: it is then not taken here. */
                        readonly audience?: string;
                        /** @description Whether the token is to name the subject. Whoever holds a token can read it. */
                        readonly subject?: boolean;
                    };
                };
            };
        };
        readonly responses: {
            /** @description The session. */
            readonly 201: {
                headers: {
                    /** @description Where the session is. */
                    readonly Location: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionWithToken"];
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `session_exists`: There is a session under this id already.
             *
             *     `too_many_sessions`: This subject has as many sessions as it may have.
             *
             *     `subject_ended`: All sessions of this subject were ended meanwhile.
             */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `body_too_large`: The body is too large.
             *
             *     `settings_too_large`: The settings would become too large.
             */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `keys_required`: A token must say which keys it is for.
             *
             *     `too_many_keys`: The settings would have too many keys.
             *
             *     `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `settings_invalid`: A value does not fit the schema of the settings.
             *
             *     `limit_exceeded`: A limit is exceeded.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly rotateSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "subject": "user-42"
                 *     }
                 */
                readonly "application/json": {
                    /**
                     * @description The user that the session is bound to. A session token does not see it.
                     * @example user-42
                     */
                    readonly subject?: string;
                    /**
                     * @description How long the session lives unused.
                     * @example 8640000
                     */
                    readonly idleTimeoutSeconds?: number;
                    /**
                     * @description How long the session lives at most, used or not.
                     * @example 34560000
                     */
                    readonly lifetimeSeconds?: number;
                    /**
                     * @example {
                     *       "keys": {
                     *         "read": [
                     *           "*"
                     *         ],
                     *         "write": [
                     *           "theme",
                     *           "username"
                     *         ]
                     *       }
                     *     }
                     */
                    readonly token?: {
                        /**
                         * @description Space-separated, of `read`, `write`, `take`, `events`, `touch`, `end`, `renew`, `cookie`. `read write touch` if left out.
                         * @example read write touch
                         */
                        readonly scope?: string;
                        /** @description Which keys of the settings the token may see and change. */
                        readonly keys?: {
                            /**
                             * @description Names of keys; `prefix*` stands for all that begin so, `*` for all.
                             * @example [
                             *       "theme",
                             *       "cart-*"
                             *     ]
                             */
                            readonly read?: readonly string[];
                            /**
                             * @description Names of keys; `prefix*` stands for all that begin so, `*` for all.
                             * @example [
                             *       "theme",
                             *       "cart-*"
                             *     ]
                             */
                            readonly write?: readonly string[];
                        };
                        /**
                         * @description How long the token lives; 900 if left out, and never longer than the session.
                         * @example 900
                         */
                        readonly expiresInSeconds?: number;
                        /** @description Who is to take the token, if not this service: it is then not taken here. */
                        readonly audience?: string;
                        /** @description Whether the token is to name the subject. Whoever holds a token can read it. */
                        readonly subject?: boolean;
                    };
                };
            };
        };
        readonly responses: {
            /** @description The session under its new id. */
            readonly 201: {
                headers: {
                    /** @description Where the session is. */
                    readonly Location: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RotatedSession"];
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_sessions`: This subject has as many sessions as it may have.
             *
             *     `subject_ended`: All sessions of this subject were ended meanwhile.
             */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `keys_required`: A token must say which keys it is for.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `limit_exceeded`: A limit is exceeded.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getSession: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The session. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The credential may not do this. */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly endSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is over. */
            readonly 204: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly touchSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description The session without its settings. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionClocks"];
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readSessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @example [
                     *       "9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71"
                     *     ]
                     */
                    readonly ids: readonly string[];
                    /**
                     * @description Whether this counts as use.
                     * @default false
                     */
                    readonly touch?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description What was found. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The living, by their ids. */
                        readonly sessions: {
                            readonly [key: string]: components["schemas"]["Session"];
                        };
                        /** @description Never made, or over by a clock. */
                        readonly missing: readonly string[];
                        /** @description Ended, as long as the tombstone stands. */
                        readonly gone: readonly {
                            /**
                             * @description A session's UUID, of any version and in either case; answers have it in lower case.
                             * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                             */
                            readonly id: string;
                            /** @example deleted */
                            readonly reason: string;
                            /** Format: date-time */
                            readonly endedAt: string;
                        }[];
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `limit_exceeded`: A limit is exceeded.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getSettings: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description ETags that the caller has: 304 if one of them is the present one. */
                readonly "if-none-match"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The settings. */
            readonly 200: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description The caller has the present state. */
            readonly 304: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The credential may not do this. */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly replaceSettings: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description Write only if the present ETag is among these; `*`: only if there is something. */
                readonly "if-match"?: string;
                /** @description Write only if the present ETag is not among these; `*`: only if there is nothing. */
                readonly "if-none-match"?: string;
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
                /**
                 * @description `return=representation` (RFC 7240): answer what the path names as it is after the write.
                 * @example return=representation
                 */
                readonly prefer?: string;
                /** @description What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo. */
                readonly "coatcheck-origin"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description An app's settings: a JSON object. Each value is kept as the text that was sent. */
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "username": "henrik",
                 *       "theme": "dark"
                 *     }
                 */
                readonly "application/json": {
                    readonly [key: string]: unknown;
                };
            };
        };
        readonly responses: {
            /** @description The settings, if they were asked for. */
            readonly 200: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    /** @description The body is there because `Prefer` asked for it. */
                    readonly "Preference-Applied": "return=representation";
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description This write began the settings; they are shown if they were asked for. The body is empty unless `Prefer: return=representation` is sent. */
            readonly 201: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    /** @description The body is there because `Prefer` asked for it. */
                    readonly "Preference-Applied"?: "return=representation";
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description Written. */
            readonly 204: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The precondition does not hold. */
            readonly 412: {
                headers: {
                    /** @description The present ETag, in double quotes; none where nothing is there. */
                    readonly ETag?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `body_too_large`: The body is too large.
             *
             *     `settings_too_large`: The settings would become too large.
             */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_keys`: The settings would have too many keys.
             *
             *     `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `settings_invalid`: A value does not fit the schema of the settings.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_required`: A write of the whole settings must say what it replaces. */
            readonly 428: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly patchSettings: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description Write only if the present ETag is among these; `*`: only if there is something. */
                readonly "if-match"?: string;
                /** @description Write only if the present ETag is not among these; `*`: only if there is nothing. */
                readonly "if-none-match"?: string;
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
                /**
                 * @description `return=representation` (RFC 7240): answer what the path names as it is after the write.
                 * @example return=representation
                 */
                readonly prefer?: string;
                /** @description What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo. */
                readonly "coatcheck-origin"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "username": "henrik",
                 *       "theme": "dark"
                 *     }
                 */
                readonly "application/merge-patch+json": {
                    readonly [key: string]: unknown;
                };
                /**
                 * @example {
                 *       "username": "henrik",
                 *       "theme": "dark"
                 *     }
                 */
                readonly "application/json": {
                    readonly [key: string]: unknown;
                };
                /**
                 * @example [
                 *       {
                 *         "op": "test",
                 *         "path": "/theme",
                 *         "value": "light"
                 *       },
                 *       {
                 *         "op": "replace",
                 *         "path": "/theme",
                 *         "value": "dark"
                 *       }
                 *     ]
                 */
                readonly "application/json-patch+json": readonly ({
                    /** @enum {string} */
                    readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
                    /** @example /cart/items/- */
                    readonly path: string;
                    readonly from?: string;
                    readonly value?: unknown;
                } & {
                    readonly [key: string]: unknown;
                })[];
            };
        };
        readonly responses: {
            /** @description The settings, if they were asked for. */
            readonly 200: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    /** @description The body is there because `Prefer` asked for it. */
                    readonly "Preference-Applied": "return=representation";
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description This write began the settings; they are shown if they were asked for. The body is empty unless `Prefer: return=representation` is sent. */
            readonly 201: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    /** @description The body is there because `Prefer` asked for it. */
                    readonly "Preference-Applied"?: "return=representation";
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description Written. */
            readonly 204: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `test_failed`: A `test` of the JSON Patch failed.
             *
             *     `path_not_found`: A path of the JSON Patch leads nowhere.
             */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The precondition does not hold. */
            readonly 412: {
                headers: {
                    /** @description The present ETag, in double quotes; none where nothing is there. */
                    readonly ETag?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `body_too_large`: The body is too large.
             *
             *     `settings_too_large`: The settings would become too large.
             */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    /** @description The content types that are taken. */
                    readonly "Accept-Patch": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_keys`: The settings would have too many keys.
             *
             *     `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `settings_invalid`: A value does not fit the schema of the settings.
             *
             *     `invalid_patch`: The JSON Patch cannot be applied to settings.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getKey: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description ETags that the caller has: 304 if one of them is the present one. */
                readonly "if-none-match"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
                /**
                 * @description A key of the settings, percent-encoded where it holds `/` or the like.
                 * @example theme
                 */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The value. */
            readonly 200: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": unknown;
                };
            };
            /** @description The caller has the present state. */
            readonly 304: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `session_not_found`: There is no such session.
             *
             *     `key_not_found`: The settings have no such key.
             */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly putKey: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description Write only if the present ETag is among these; `*`: only if there is something. */
                readonly "if-match"?: string;
                /** @description Write only if the present ETag is not among these; `*`: only if there is nothing. */
                readonly "if-none-match"?: string;
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
                /**
                 * @description `return=representation` (RFC 7240): answer what the path names as it is after the write.
                 * @example return=representation
                 */
                readonly prefer?: string;
                /** @description What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo. */
                readonly "coatcheck-origin"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
                /**
                 * @description A key of the settings, percent-encoded where it holds `/` or the like.
                 * @example theme
                 */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        /** @description Any JSON value, bare. */
        readonly requestBody: {
            readonly content: {
                /** @example dark */
                readonly "application/json": unknown;
            };
        };
        readonly responses: {
            /** @description The value, if it was asked for. */
            readonly 200: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    /** @description The body is there because `Prefer` asked for it. */
                    readonly "Preference-Applied": "return=representation";
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": unknown;
                };
            };
            /** @description The key is new; its value is shown if it was asked for. The body is empty unless `Prefer: return=representation` is sent. */
            readonly 201: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    /** @description The body is there because `Prefer` asked for it. */
                    readonly "Preference-Applied"?: "return=representation";
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": unknown;
                };
            };
            /** @description Written. */
            readonly 204: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The precondition does not hold. */
            readonly 412: {
                headers: {
                    /** @description The present ETag, in double quotes; none where nothing is there. */
                    readonly ETag?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `body_too_large`: The body is too large.
             *
             *     `settings_too_large`: The settings would become too large.
             */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_keys`: The settings would have too many keys.
             *
             *     `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `settings_invalid`: A value does not fit the schema of the settings.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly deleteKey: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description Write only if the present ETag is among these; `*`: only if there is something. */
                readonly "if-match"?: string;
                /** @description Write only if the present ETag is not among these; `*`: only if there is nothing. */
                readonly "if-none-match"?: string;
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
                /** @description What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo. */
                readonly "coatcheck-origin"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
                /**
                 * @description A key of the settings, percent-encoded where it holds `/` or the like.
                 * @example theme
                 */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is not there any more. */
            readonly 204: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The precondition does not hold. */
            readonly 412: {
                headers: {
                    /** @description The present ETag, in double quotes; none where nothing is there. */
                    readonly ETag?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly takeKey: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description Write only if the present ETag is among these; `*`: only if there is something. */
                readonly "if-match"?: string;
                /** @description Write only if the present ETag is not among these; `*`: only if there is nothing. */
                readonly "if-none-match"?: string;
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
                /** @description What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo. */
                readonly "coatcheck-origin"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
                /**
                 * @description A key of the settings, percent-encoded where it holds `/` or the like.
                 * @example theme
                 */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description The value, which is the caller’s alone. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The value. */
                        readonly value: unknown;
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `session_not_found`: There is no such session.
             *
             *     `key_not_found`: The settings have no such key.
             */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The precondition does not hold. */
            readonly 412: {
                headers: {
                    /** @description The present ETag, in double quotes; none where nothing is there. */
                    readonly ETag?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly incrementKey: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description Write only if the present ETag is among these; `*`: only if there is something. */
                readonly "if-match"?: string;
                /** @description Write only if the present ETag is not among these; `*`: only if there is nothing. */
                readonly "if-none-match"?: string;
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
                /** @description What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo. */
                readonly "coatcheck-origin"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
                /**
                 * @description A key of the settings, percent-encoded where it holds `/` or the like.
                 * @example theme
                 */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description What to add.
                     * @default 1
                     * @example 1
                     */
                    readonly by?: number;
                };
            };
        };
        readonly responses: {
            /** @description The sum. */
            readonly 200: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The value. */
                        readonly value: unknown;
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_incrementable`: The value cannot be incremented. */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The precondition does not hold. */
            readonly 412: {
                headers: {
                    /** @description The present ETag, in double quotes; none where nothing is there. */
                    readonly ETag?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `body_too_large`: The body is too large.
             *
             *     `settings_too_large`: The settings would become too large.
             */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_keys`: The settings would have too many keys.
             *
             *     `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `settings_invalid`: A value does not fit the schema of the settings.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly takeKeyByName: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description Write only if the present ETag is among these; `*`: only if there is something. */
                readonly "if-match"?: string;
                /** @description Write only if the present ETag is not among these; `*`: only if there is nothing. */
                readonly "if-none-match"?: string;
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
                /** @description What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo. */
                readonly "coatcheck-origin"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description The key, as it is.
                     * @example a/b
                     */
                    readonly key: string;
                };
            };
        };
        readonly responses: {
            /** @description The value, which is the caller’s alone. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The value. */
                        readonly value: unknown;
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `session_not_found`: There is no such session.
             *
             *     `key_not_found`: The settings have no such key.
             */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The precondition does not hold. */
            readonly 412: {
                headers: {
                    /** @description The present ETag, in double quotes; none where nothing is there. */
                    readonly ETag?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly incrementKeyByName: {
        readonly parameters: {
            readonly query?: {
                /** @description `false`: this call does not count as use of the session, and slides no clock. */
                readonly touch?: "true" | "false";
            };
            readonly header?: {
                /** @description Write only if the present ETag is among these; `*`: only if there is something. */
                readonly "if-match"?: string;
                /** @description Write only if the present ETag is not among these; `*`: only if there is nothing. */
                readonly "if-none-match"?: string;
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
                /** @description What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo. */
                readonly "coatcheck-origin"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description The key, as it is.
                     * @example a/b
                     */
                    readonly key: string;
                    /**
                     * @description What to add.
                     * @default 1
                     * @example 1
                     */
                    readonly by?: number;
                };
            };
        };
        readonly responses: {
            /** @description The sum. */
            readonly 200: {
                headers: {
                    /** @description The ETag after this call, in double quotes. */
                    readonly ETag: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The value. */
                        readonly value: unknown;
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `key_not_allowed`: The credential may not touch this key.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_incrementable`: The value cannot be incremented. */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The precondition does not hold. */
            readonly 412: {
                headers: {
                    /** @description The present ETag, in double quotes; none where nothing is there. */
                    readonly ETag?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `body_too_large`: The body is too large.
             *
             *     `settings_too_large`: The settings would become too large.
             */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_keys`: The settings would have too many keys.
             *
             *     `key_length`: A key is too short or too long.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `settings_invalid`: A value does not fit the schema of the settings.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly mintToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "keys": {
                 *         "read": [
                 *           "*"
                 *         ],
                 *         "write": [
                 *           "theme",
                 *           "username"
                 *         ]
                 *       }
                 *     }
                 */
                readonly "application/json": {
                    /**
                     * @description Space-separated, of `read`, `write`, `take`, `events`, `touch`, `end`, `renew`, `cookie`. `read write touch` if left out.
                     * @example read write touch
                     */
                    readonly scope?: string;
                    /** @description Which keys of the settings the token may see and change. */
                    readonly keys?: {
                        /**
                         * @description Names of keys; `prefix*` stands for all that begin so, `*` for all.
                         * @example [
                         *       "theme",
                         *       "cart-*"
                         *     ]
                         */
                        readonly read?: readonly string[];
                        /**
                         * @description Names of keys; `prefix*` stands for all that begin so, `*` for all.
                         * @example [
                         *       "theme",
                         *       "cart-*"
                         *     ]
                         */
                        readonly write?: readonly string[];
                    };
                    /**
                     * @description How long the token lives; 900 if left out, and never longer than the session.
                     * @example 900
                     */
                    readonly expiresInSeconds?: number;
                    /** @description Who is to take the token, if not this service: it is then not taken here. */
                    readonly audience?: string;
                    /** @description Whether the token is to name the subject. Whoever holds a token can read it. */
                    readonly subject?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description The token, which is a secret. */
            readonly 201: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly access_token: string;
                        /** @example Bearer */
                        readonly token_type: string;
                        /** @description In seconds. */
                        readonly expires_in: number;
                        readonly scope: string;
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `keys_required`: A token must say which keys it is for.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `limit_exceeded`: A limit is exceeded.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revokeTokens: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description They are void. */
            readonly 204: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly introspectToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": {
                    readonly token: string;
                    readonly token_type_hint?: string;
                } & {
                    readonly [key: string]: unknown;
                };
            };
        };
        readonly responses: {
            /** @description What the token says; `{"active": false}` for one that is not good, whatever the reason. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly active: boolean;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revokeToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": {
                    readonly token: string;
                    readonly token_type_hint?: string;
                } & {
                    readonly [key: string]: unknown;
                };
            };
        };
        readonly responses: {
            /** @description It is void. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly exchangeToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The browser has a cookie. */
            readonly 204: {
                headers: {
                    /** @description `__Host-coatcheck-namespace`, with the name of the namespace. */
                    readonly "Set-Cookie": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `limit_exceeded`: A limit is exceeded.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly clearCookie: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The browser has none any more. */
            readonly 204: {
                headers: {
                    /** @description For each cookie that was sent. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `origin_not_allowed`: A page of this origin may not do that. */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The service has more to do than it can. */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getSigningKeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The keys. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly keys: readonly {
                            readonly [key: string]: unknown;
                        }[];
                    };
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The service has more to do than it can. */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly retireSigningKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The key's name, as /.well-known/jwks.json and the head of each token that it signed have it.
                 * @example 5f0c1e9a7b3d2c4e6f
                 */
                readonly kid: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is retired. */
            readonly 204: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `signing_key_not_found`: There is no such signing key. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `signing_keys_fixed`: The signing keys come from the configuration. */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly makeBackup: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The backup: an LMDB data file, whole if it has as many bytes as `Content-Length` says. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/octet-stream": string;
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `backup_elsewhere`: The sessions are kept in Redis, which makes its own backups.
             *
             *     `backup_running`: Another backup is being made.
             */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly reencrypt: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description `next` of the part before; left out for the first one. */
                    readonly after?: string;
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description How many sessions, lists or secrets were looked at. */
                        readonly looked: number;
                        /** @description How many of them were encrypted anew. */
                        readonly changed: number;
                        /** @description Where the next part begins: send it as `after`. Null at the end. */
                        readonly next: string | null;
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_encrypted`: The store is not to be encrypted. */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly makeHandoff: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "subject": "user-42",
                 *       "payload": {
                 *         "flash": "Welcome back"
                 *       }
                 *     }
                 */
                readonly "application/json": {
                    /**
                     * @description Any JSON value, kept as the text that was sent and given to whoever redeems the code.
                     * @example {
                     *       "flash": "Welcome back"
                     *     }
                     */
                    readonly payload?: unknown;
                    /**
                     * @description The user that the session is bound to. A session token does not see it.
                     * @example user-42
                     */
                    readonly subject?: string;
                    /**
                     * @description How long the code is good.
                     * @default 60
                     */
                    readonly expiresInSeconds?: number;
                };
            };
        };
        readonly responses: {
            /** @description The code, which is a secret. */
            readonly 201: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly code: string;
                        /** Format: date-time */
                        readonly expiresAt: string;
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `limit_exceeded`: A limit is exceeded.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly redeemHandoff: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description What *Make a one-time code* gave. */
                    readonly code: string;
                    /**
                     * @description A session's UUID, of any version and in either case; answers have it in lower case.
                     * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                     */
                    readonly sessionId: string;
                    /**
                     * @example {
                     *       "keys": {
                     *         "read": [
                     *           "*"
                     *         ],
                     *         "write": [
                     *           "theme",
                     *           "username"
                     *         ]
                     *       }
                     *     }
                     */
                    readonly token?: {
                        /**
                         * @description Space-separated, of `read`, `write`, `take`, `events`, `touch`, `end`, `renew`, `cookie`. `read write touch` if left out.
                         * @example read write touch
                         */
                        readonly scope?: string;
                        /** @description Which keys of the settings the token may see and change. */
                        readonly keys?: {
                            /**
                             * @description Names of keys; `prefix*` stands for all that begin so, `*` for all.
                             * @example [
                             *       "theme",
                             *       "cart-*"
                             *     ]
                             */
                            readonly read?: readonly string[];
                            /**
                             * @description Names of keys; `prefix*` stands for all that begin so, `*` for all.
                             * @example [
                             *       "theme",
                             *       "cart-*"
                             *     ]
                             */
                            readonly write?: readonly string[];
                        };
                        /**
                         * @description How long the token lives; 900 if left out, and never longer than the session.
                         * @example 900
                         */
                        readonly expiresInSeconds?: number;
                        /** @description Who is to take the token, if not this service: it is then not taken here. */
                        readonly audience?: string;
                        /** @description Whether the token is to name the subject. Whoever holds a token can read it. */
                        readonly subject?: boolean;
                    };
                };
            };
        };
        readonly responses: {
            /** @description What was handed over, and the session as it is now. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description What the code was made with; null if nothing. */
                        readonly payload: unknown;
                        readonly session: components["schemas"]["Session"];
                        /** @description Only in a namespace with durability `replicated`: how many replicas of the store had it in time. If they are fewer than are needed, a fail-over may undo the rotation. */
                        readonly copies?: number;
                        readonly token?: {
                            readonly access_token: string;
                            /** @example Bearer */
                            readonly token_type: string;
                            /** @description In seconds. */
                            readonly expires_in: number;
                            readonly scope: string;
                        };
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_sessions`: This subject has as many sessions as it may have. */
            readonly 409: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `handoff_gone`: The hand-off cannot be redeemed.
             *
             *     `session_gone`: The session was ended.
             */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `keys_required`: A token must say which keys it is for.
             *
             *     `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `limit_exceeded`: A limit is exceeded.
             *
             *     `idempotency_key_reused`: This Idempotency-Key was used for another call.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_full`: The store has no room for more. */
            readonly 507: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listSubjectSessions: {
        readonly parameters: {
            readonly query?: {
                /** @description How many at most; 50 if left out, 100 at most. */
                readonly limit?: string;
                /** @description `next` of the part before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user that the session is bound to. A session token does not see it.
                 * @example user-42
                 */
                readonly subject: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A part of them. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly sessions: readonly components["schemas"]["Session"][];
                        /** @description Where the next part begins; left out at the end. */
                        readonly next?: string;
                    };
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The credential may not do this. */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `limit_exceeded`: A limit is exceeded. */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly endSubjectSessions: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The one session to spare, such as the one in use.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly except?: string;
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user that the session is bound to. A session token does not see it.
                 * @example user-42
                 */
                readonly subject: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description They are over. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * @description How many sessions lived.
                         * @example 3
                         */
                        readonly ended: number;
                    };
                };
            };
            /**
             * @description `malformed_json`: The body is not JSON that can be taken.
             *
             *     `invalid_request`: The request does not fit its schema.
             */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The credential may not do this.
             *
             *     `origin_not_allowed`: A page of this origin may not do that.
             */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This content type is not taken. */
            readonly 415: {
                headers: {
                    /** @description `identity`, where the body came with a Content-Encoding. */
                    readonly "Accept-Encoding"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `name_refused`: A member name is refused.
             *
             *     `too_deep`: The value is nested too deeply.
             *
             *     `limit_exceeded`: A limit is exceeded.
             */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `not_replicated`: Too few replicas of the store have it.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly watchSession: {
        readonly parameters: {
            readonly query?: {
                /** @description `true`: as long as this is open, the session is in use. */
                readonly touch?: "true" | "false";
                /** @description Leaves out the changes whose writer said this of itself in `Coatcheck-Origin`: the own echo. */
                readonly exceptOrigin?: string;
            };
            readonly header?: {
                /** @description The ETag that the reader holds, as `id` said it. Anything else is passed over. */
                readonly "last-event-id"?: string;
            };
            readonly path: {
                /**
                 * @description A session's UUID, or `current`: the session of the token or cookie that is sent.
                 * @example 9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71
                 */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A stream that goes on until it is closed, or until its session or the credential has ended. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The credential may not do this. */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_not_found`: There is no such session. */
            readonly 404: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `session_gone`: The session was ended. */
            readonly 410: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_streams`: There are too many streams open.
             *
             *     `rate_limited`: Too many requests.
             */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly watchNamespace: {
        readonly parameters: {
            readonly query?: {
                /** @description UUIDs with commas in between. */
                readonly ids?: string;
                /** @description Leaves out the changes whose writer said this of itself in `Coatcheck-Origin`: the own echo. */
                readonly exceptOrigin?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A stream that goes on until it is closed, or until its session or the credential has ended. */
            readonly 200: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description `invalid_request`: The request does not fit its schema. */
            readonly 400: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `credential_required`: A credential is needed.
             *
             *     `invalid_credential`: The credential is not valid.
             *
             *     `session_over`: The credential is of a life that is over.
             */
            readonly 401: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    /** @description Clears the cookies, where the browser sent several of ours. */
                    readonly "Set-Cookie"?: string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The credential may not do this. */
            readonly 403: {
                headers: {
                    /** @description What credential is needed, RFC 6750 §3. */
                    readonly "WWW-Authenticate": string;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `expectation_failed`: The request expects what is not known here. */
            readonly 417: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `limit_exceeded`: A limit is exceeded. */
            readonly 422: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. */
            readonly 429: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong inside. */
            readonly 500: {
                headers: {
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `overloaded`: The service has more to do than it can.
             *
             *     `store_unavailable`: The store is away.
             *
             *     `moving`: The sessions are being moved to another store.
             */
            readonly 503: {
                headers: {
                    /** @description In how many seconds to try again. */
                    readonly "Retry-After": number;
                    readonly "Coatcheck-Version": components["headers"]["CoatcheckVersion"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
