/** What an operator should know of a store that answers. */
import { warningsIn } from '../finding.ts'
import type { Health } from '../port.ts'
import { behindFinding, folderFindings, spaceFinding } from './folder-checks.ts'
import type { Space } from './space.ts'
import type { StoreClock } from './store-clock.ts'

type Parts = { readonly folder: string; readonly space: Space; readonly clock: StoreClock }

export const health = async ({ folder, space, clock }: Parts): Promise<Health> => {
  const room = await space.measure()
  const findings = [
    ...spaceFinding(folder, room, space.reserveBytes),
    ...behindFinding(folder, clock.behind()),
    ...(await folderFindings(folder)),
  ]
  return { warnings: warningsIn(findings), away: [] }
}
