import type { Verb } from '../method.ts'
import { cleanVerb } from './verb-clean.ts'
import { fertilityVerb } from './verb-fertility.ts'
import { redteamBuildVerb } from './verb-redteam-build.ts'
import { redteamEvalVerb } from './verb-redteam-eval.ts'
import { reportVerb } from './verb-report.ts'
import { trainVerb } from './verb-train.ts'

/** `quire aurora-m …`, on the user's own data. */
export const verbs: readonly Verb[] = [trainVerb, reportVerb, fertilityVerb, redteamBuildVerb, redteamEvalVerb, cleanVerb]
