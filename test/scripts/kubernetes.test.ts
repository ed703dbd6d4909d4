/**
 * deploy/kubernetes as kubectl builds it: each object is of its schema and has no member that its type does not know, the
 * objects fit each other, and the service would start with what its pods are given.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { hashOf } from '../../src/config/api-keys.ts'
import { examineConfiguration } from '../../src/config/read-configuration.ts'
import { programFolder, typeFaults } from '../helpers/programs.ts'
import { imageEnvironment } from './dockerfile.ts'
import { folder, root } from './project.ts'

const require = createRequire(import.meta.url)
const kubectl = process.env.KUBECTL ?? 'kubectl'
const OVERLAYS = ['redis', 'lmdb'] as const

type Named = { readonly name: string; readonly value?: string }
type Container = {
  readonly image: string
  readonly env: readonly Named[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts: readonly (Named & { readonly mountPath: string })[]
  readonly securityContext: object
  readonly lifecycle: object
  readonly livenessProbe: object
  readonly readinessProbe: object
  readonly startupProbe: object
}
/** As much as is looked at. */
type Manifest = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  // biome-ignore lint/suspicious/noExplicitAny: the schemas judge it
  readonly spec: any
}

/** kubectl before 1.21 has a kustomize of 2019, which calls bases and patches otherwise. Debian 12 has it. */
const isOld = (): boolean => {
  const said = String(execFileSync(kubectl, ['version', '--client'], { stdio: ['ignore', 'pipe', 'ignore'] }))
  return Number(/v?1\.(\d+)|Minor:"(\d+)/.exec(said)?.slice(1).find(Boolean)) < 21
}

const inOldWords = (text: string): string =>
  text
    .replace('  - ../../base\n', '')
    .replace('resources:\n', 'bases: [../../base]\nresources:\n')
    .replace(
      /patches:\n((?: {2}- path: .*\n)+)/,
      (_, list: string) => `patchesStrategicMerge:\n${list.replaceAll('- path: ', '- ')}`,
    )

const build = (t: Test): ReadonlyMap<string, readonly Manifest[]> => {
  const path = folder(t)
  cpSync(join(root, 'deploy/kubernetes'), path, { recursive: true })
  const old = isOld()
  return new Map(
    OVERLAYS.map((name) => {
      const overlay = join(path, 'overlays', name)
      const file = join(overlay, 'kustomization.yaml')
      if (old) writeFileSync(file, inOldWords(readFileSync(file, 'utf8')))
      const built = String(execFileSync(kubectl, ['kustomize', overlay]))
      return [name, parseAllDocuments(built).map((document) => document.toJS() as Manifest)]
    }),
  )
}

const built = build(t)
const all = [...built.values()].flat()
const of = (overlay: string, kind: string): Manifest => {
  const found = built.get(overlay)?.find((one) => one.kind === kind)
  if (!found) throw new Error(`${overlay} has no ${kind}`)
  return found
}
const podOf = (overlay: string) => of(overlay, 'Deployment').spec.template.spec
const containerOf = (overlay: string): Container => podOf(overlay).containers[0]

/** Where the package of schemas has a kind: `apps/v1/Deployment`, `v1/Service`. */
const placeOf = ({ apiVersion, kind }: Manifest): string => `kubernetes-models/${apiVersion}/${kind}`

t.test('each object is of the schema of its kind', async (t) => {
  for (const one of all) {
    const { [one.kind]: Model } = require(placeOf(one))
    t.doesNotThrow(() => new Model(one).validate(), `${one.kind} ${one.metadata.name}`)
  }
  t.ok(all.length >= 10)
  const { Service } = require('kubernetes-models/v1/Service')
  t.throws(() => new Service({ ...of('redis', 'Service'), spec: { ports: [{ port: 'http' }] } }).validate(), /port/)
})

t.test('no member is misspelt or in a wrong place: its type would not know it', async (t) => {
  const path = programFolder(t)
  const write = (name: string, one: Manifest): void => {
    const text = `import type { I${one.kind} } from '${placeOf(one)}'\nexport const one: I${one.kind} = ${JSON.stringify(one)}\n`
    writeFileSync(join(path, `${name}.ts`), text)
  }
  for (const [i, one] of all.entries()) write(`object-${i}`, one)
  t.equal(await typeFaults(path), '')
  const deployment = of('redis', 'Deployment')
  write('wrong', { ...deployment, spec: { ...deployment.spec, replica: 2 } })
  t.match(await typeFaults(path), /"replica"' does not exist/, 'a wrong one is found')
})

t.test('the pods run without any right, as whatever user, and write nothing but their volumes', async (t) => {
  for (const name of OVERLAYS) {
    const { spec } = of(name, 'Deployment').spec.template
    t.match(spec, { automountServiceAccountToken: false, enableServiceLinks: false, serviceAccountName: 'coatcheck' })
    t.match(spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    t.match(containerOf(name).securityContext, {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    t.notMatch(JSON.stringify(spec), /runAs(User|Group)|hostPath|hostNetwork/, 'the user is left to the orchestrator')
    t.match(of(name, 'ServiceAccount'), { automountServiceAccountToken: false })
    const { image } = containerOf(name)
    t.equal(image, `coatcheck:${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}`)
  }
})

t.test('what one object names is in another', async (t) => {
  for (const name of OVERLAYS) {
    const { metadata, spec } = of(name, 'Deployment').spec.template
    const ports = new Map(containerOf(name).ports.map((port) => [port.name, port.containerPort]))
    t.equal(ports.get('http'), Number(imageEnvironment().PORT))
    for (const { targetPort } of of(name, 'Service').spec.ports)
      t.equal(targetPort, 'http', 'no Service leads to operators')
    for (const kind of ['Service', 'NetworkPolicy', 'PodDisruptionBudget', 'Deployment']) {
      if (kind === 'PodDisruptionBudget' && name === 'lmdb') continue
      const { selector, podSelector } = of(name, kind).spec
      const labels = selector?.matchLabels ?? podSelector?.matchLabels ?? selector
      t.match(metadata.labels, labels, kind)
    }
    const [{ ports: open }] = of(name, 'NetworkPolicy').spec.ingress
    t.strictSame(open, [{ protocol: 'TCP', port: ports.get('http') }])
    const volumes = spec.volumes.map((volume: Named) => volume.name).sort()
    t.strictSame(
      containerOf(name)
        .volumeMounts.map((mount) => mount.name)
        .sort(),
      volumes,
    )
  }
  const claim = podOf('lmdb').volumes.find((volume: Named) => volume.name === 'data').persistentVolumeClaim.claimName
  t.equal(of('lmdb', 'PersistentVolumeClaim').metadata.name, claim)
})

t.test('it is asked whether it is alive and ready, and has time to end', async (t) => {
  for (const name of OVERLAYS) {
    const { startupProbe, livenessProbe, readinessProbe, lifecycle } = containerOf(name)
    for (const probe of [startupProbe, livenessProbe]) t.match(probe, { httpGet: { path: '/livez', port: 'http' } })
    t.match(readinessProbe, { httpGet: { path: '/readyz', port: 'http' } })
    const [, seconds] = (lifecycle as { preStop: { exec: { command: string[] } } }).preStop.exec.command
    // After preStop come the drain (5 s) and ten seconds more.
    t.ok(podOf(name).terminationGracePeriodSeconds >= Number(seconds) + 15, 'before it is killed')
  }
  t.match(of('redis', 'Deployment').spec, { replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 0 } } })
  t.match(of('redis', 'PodDisruptionBudget').spec, { maxUnavailable: 1 })
  t.match(of('lmdb', 'Deployment').spec, { replicas: 1, strategy: { type: 'Recreate' } })
  t.equal(
    built.get('lmdb')?.find(({ kind }) => kind === 'PodDisruptionBudget'),
    undefined,
    'it would hold up every node',
  )
})

t.test(
  'the service starts with what it is given: the environment of the image and of the pod, secrets by file',
  async (t) => {
    const secrets = folder(t)
    const url = 'redis://user:canary@redis:6379'
    writeFileSync(join(secrets, 'api-keys'), `shop:${hashOf('x')}\n`)
    writeFileSync(join(secrets, 'store'), `${url}\n`)
    for (const name of OVERLAYS) {
      const given = containerOf(name).env.map((one): [string, string] => [one.name, one.value ?? ''])
      const { mountPath } = containerOf(name).volumeMounts.find((mount) => mount.name === 'secrets') ?? {}
      const env = Object.fromEntries([...Object.entries(imageEnvironment()), ...given])
      t.notMatch(JSON.stringify(env), /canary/)
      const here = Object.entries(env).map(([key, value]) => [key, value.replace(mountPath ?? '', secrets)])
      const { faults, config } = examineConfiguration(Object.fromEntries(here))
      t.strictSame(faults, [], name)
      t.equal(config.STORE, name === 'redis' ? url : 'lmdb:/data/sessions')
      t.match(config, { HOST: '0.0.0.0', ADMIN_PORT: 3001 })
    }
  },
)
