import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lightFlow, writeLightClient } from '../../fixtures/light-client.ts'

/** The client `light` with flows of light steps: two, forty, and each-1, each-2, … that run two for each of a hundred items. */
export function writeWorkspace(folder: string, rounds: number): void {
  const flows = join(writeLightClient(folder, 'light'), 'flows')
  writeFileSync(join(flows, 'forty.yaml'), lightFlow('forty', 39))
  for (let round = 1; round <= rounds; round += 1) writeFileSync(join(flows, `each-${round}.yaml`), eachFlow(round))
}

/** Items that no other run has, so that nothing is kept from an earlier one. */
const eachFlow = (round: number): string => {
  const items = Array.from({ length: 100 }, (_, index) => 1_000_000 + round * 100 + index)
  return `flow: each-${round}
steps:
  each: { uses: flow/two, for_each: [${items.join(', ')}], with: { add: "\${item}" } }
`
}
