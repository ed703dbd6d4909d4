/** The queries of the dashboard, as Grafana would send them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/project.ts'

export type Panel = {
  readonly title: string
  readonly unit: string
  readonly isStacked: boolean
  readonly queries: readonly { readonly expression: string; readonly legend: string }[]
}

type Written = {
  readonly title: string
  readonly fieldConfig: {
    readonly defaults: { readonly unit: string; readonly custom: { readonly stacking: { mode: string } } }
  }
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[]
}

/** @param interval stands for Grafana's own, over which rates are taken */
export const panelsOver = (interval: string): Panel[] => {
  const { panels } = JSON.parse(readFileSync(join(root, 'deploy/grafana/coatcheck.json'), 'utf8')) as {
    panels: Written[]
  }
  return panels.map(({ title, fieldConfig: { defaults }, targets }) => ({
    title,
    unit: defaults.unit,
    isStacked: defaults.custom.stacking.mode === 'normal',
    queries: targets.map(({ expr, legendFormat }) => ({
      expression: expr.replaceAll('$__rate_interval', interval).replaceAll('$job', 'coatcheck'),
      legend: legendFormat,
    })),
  }))
}
