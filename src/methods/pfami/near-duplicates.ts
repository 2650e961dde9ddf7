import { ndarray, sizeOf } from '../../engine/index.ts'
import { nearest } from '../../kits/generative/index.ts'
import { crop } from './neighbours/index.ts'
import { planesOf } from './neighbours/neighbours.ts'
import type { OwnRecords } from './own-records.ts'

export interface NearDuplicate {
  readonly nonMember: string
  readonly member: string
  /** Over the median distance of a non-member to its nearest member. */
  readonly distance: number
}

/** Below this share of the usual distance, two images are as good as one. */
const closeness = 0.2

/** Non-members that nearly equal a member, or a slight crop of one: they would look like false positives. Nearest first. */
export async function nearDuplicates(members: OwnRecords, others: OwnRecords): Promise<NearDuplicate[]> {
  const [m, ...shape] = members.x.shape
  const size = sizeOf(shape)
  const planes = planesOf(shape)
  const versions = planes ? crop({ from: 0.95, to: 0.9, count: 2 }) : undefined
  const all = versions ? versions.versions(members.x, { ids: Array.from({ length: m }, (_, i) => i), row: 0 }) : members.x
  const each = all.data.length / (m * size)
  const found = await nearest(
    ndarray(Float32Array.from(others.x.data), [others.x.shape[0], size], 'float32'),
    ndarray(Float32Array.from(all.data), [m * each, size], 'float32'),
  )
  const usual = found.distances.slice().sort()[Math.floor(found.distances.length / 2)]
  return Array.from(found.distances, (distance, i) => ({
    nonMember: others.names[i],
    member: members.names[Math.floor(found.indices[i] / each)],
    distance: distance / usual,
  }))
    .filter(({ distance }) => distance < closeness)
    .sort((a, b) => a.distance - b.distance)
}
