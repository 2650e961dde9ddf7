import type { RunTasks } from '../../api.ts'
import { taskStateTexts, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { fileSource } from '../router/route.ts'
import { Command } from './command.tsx'

interface TasksProps {
  readonly run: string
  readonly tasks: RunTasks
}

/** The tasks of a run, a seed each, as the queue has them; and what only somebody at the cluster can do. */
export function Tasks({ run, tasks: { jobs, tasks, cancel, submit, isProvisional } }: TasksProps) {
  const t = useText()
  const hasLogs = jobs.length > 0
  return (
    <>
      <ul class="tasks">
        {tasks.map(({ seed, state, reason }) => (
          <li key={seed}>
            <span class={`badge ${state}`}>{t(taskStateTexts[state])}</span>{' '}
            {hasLogs && state !== 'pending' && state !== 'waiting' ? (
              <a href={fileSource(run, `tasks/${seed}.log`)} target="_blank" rel="noreferrer">
                {t(texts.seed)} {seed}
              </a>
            ) : (
              <span>
                {t(texts.seed)} {seed}
              </span>
            )}{' '}
            {reason && <small>{reason}</small>}
          </li>
        ))}
      </ul>
      {isProvisional && <p class="note">{t(texts.askingSlurm)}</p>}
      {cancel && (
        <>
          <h3>{t(texts.cancelJobs)}</h3>
          <Command text={cancel} />
        </>
      )}
      {submit && (
        <>
          <h3>{t(texts.submitAgain)}</h3>
          <Command text={submit} />
        </>
      )}
    </>
  )
}
