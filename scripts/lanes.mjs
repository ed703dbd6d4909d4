/**
 * What takes how long, and what each lane runs: `npm run test:quick` between two edits, `npm test` before a change lands,
 * `npm run test:full` before a release.
 */

/**
 * Seconds on two quiet cores of what takes more than a few. The longest is begun first, so that nothing is waited for at the
 * end. These compute nearly all the time, so that no more of them run at once than there are cores.
 */
const COMPUTING = {
  'test/e2e/swagger.test.ts': 145,
  'test/e2e/examples.test.ts': 125,
  'test/client/one-stream.test.ts': 60,
  'test/http/costs.test.ts': 40,
  'test/e2e/documents.test.ts': 37,
  'test/fuzz/fuzz.test.ts': 35,
  types: 25,
  'test/e2e/packed.test.ts': 25,
  'test/clients/generated.test.ts': 25,
  'test/clients/phoenix.test.ts': 20,
  'test/clients/python.test.ts': 50,
  'test/scripts/test.test.ts': 20,
  'test/twins/twins.test.ts': 18,
  'test/client/liveview.test.ts': 15,
  'test/e2e/django-chat.test.ts': 15,
  'test/e2e/command.test.ts': 13,
  'test/scripts/install.test.ts': 12,
  'test/scripts/build.test.ts': 9,
  lint: 6,
  'openapi:check': 4,
  'client-types:check': 3,
}

/** These wait more than they compute: for servers, for fail-overs, for time. */
const WAITING = {
  'test/faults/sentinel-long.test.ts': 180,
  'test/faults/cluster-long.test.ts': 140,
  'test/faults/redis-long.test.ts': 135,
  'test/e2e/release-before-long.test.ts': 100,
  'test/e2e/changes-groups-long.test.ts': 70,
  'test/proxies/rolling.test.ts': 50,
  'test/e2e/changes.test.ts': 35,
  'test/store/redis/cluster-conformance.test.ts': 30,
  'test/store/redis/sentinel-conformance.test.ts': 30,
  'test/faults/redis.test.ts': 30,
  'test/clients/rails-long.test.ts': 16,
  'test/clients/laravel-long.test.ts': 12,
  'test/store/redis/conformance.test.ts': 25,
  'test/helpers/redis-groups.test.ts': 22,
  'test/http/event-ends.test.ts': 18,
  'test/faults/cluster.test.ts': 18,
  'test/faults/sentinel.test.ts': 15,
  'test/e2e/other-clocks.test.ts': 15,
  'test/client/changes.test.ts': 15,
  'test/client/calls.test.ts': 15,
  'test/e2e/prometheus.test.ts': 15,
  'test/e2e/metrics.test.ts': 15,
  'test/e2e/redis-states.test.ts': 14,
  'test/operator/doctor.test.ts': 14,
  'test/e2e/workers.test.ts': 12,
  'test/e2e/encryption.test.ts': 20,
  'test/store/lmdb/encrypted.test.ts': 20,
  'test/store/redis/encrypted.test.ts': 7,
  'test/e2e/backup.test.ts': 8,
  'test/e2e/copy.test.ts': 60,
  'test/copy/copying.test.ts': 18,
  'test/e2e/starting.test.ts': 14,
  'test/http/login-races.test.ts': 14,
  'test/store/redis/stall.test.ts': 13,
  'test/http/slow-redis.test.ts': 13,
  'test/http/server.test.ts': 13,
  'test/twins/topologies.test.ts': 13,
  'test/http/event-streams.test.ts': 12,
  'test/http/unfit-redis.test.ts': 12,
  'test/scripts/start.test.ts': 12,
  'test/http/pipelines.test.ts': 11,
  'test/e2e/redis-tls.test.ts': 10,
  'test/http/outage.test.ts': 8,
  'test/e2e/readme.test.ts': 7,
}

/** @type {Record<string, number>} */
const SECONDS = { ...COMPUTING, ...WAITING }

/** @param {string} name of a test file or a check */
export const secondsOf = (name) => SECONDS[name] ?? 1

/** Whether it keeps a core busy. @param {string} name of a test file or a check */
export const isHeavy = (name) => name in COMPUTING

/**
 * @typedef {object} Lane
 * @property {RegExp} [leavesOut] programs, test files and checks that it does without
 * @property {string} [what] those files are
 * @property {Record<string, string>} [env] what the tests are told besides
 * @property {readonly string[]} [scripts] of package.json, run after the tests, one after the other
 */

/** @type {Record<'usual' | 'quick' | 'full', Lane>} */
export const LANES = {
  usual: {
    leavesOut: /^(apache|caddy|rails|laravel)$|^test\/proxies\/(apache|caddy)\.|^test\/(faults|clients|e2e)\/.*-long\./,
    what: 'Apache, Caddy, Rails, Laravel, the release before, and the faults that take long',
  },
  quick: {
    leavesOut: new RegExp(
      [
        '^(chromium|elixir|openssl|python|rails|laravel|nginx|haproxy|apache|caddy|prometheus|kubectl|compose)$',
        '^test/(e2e|clients|scripts|proxies)/',
        '^test/(client|operator|twins|fuzz|helpers|copy)/',
        '^test/http/(foreign-eyes|costs|pipelines|server|event-|outage|overload|slow-redis|unfit-redis|login-races|promises|secrets|closing)',
        '^test/store/redis/(.*conformance|access-tls)',
        '^test/faults/(redis|sentinel|cluster)[.]|-long[.]',
        '^test/store/lmdb/(durability|full-disk|owner|batches|store-clock)',
        ':check$',
      ].join('|'),
    ),
    what:
      'whatever needs a browser, Elixir, Python, npm, several servers or time, the client, the twins, whether what is generated ' +
      'is fresh, and the API on Redis',
    env: { ONLY_STORE: 'LMDB' },
  },
  // Each run draws calls of its own, so that the many short ones see what a long one would.
  full: { env: { READINGS: '2', FUZZ_CALLS: '40000' }, scripts: ['test:nodes'] },
}
