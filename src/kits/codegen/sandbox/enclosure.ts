import type { SandboxOptions } from './sandbox.ts'

/** Python, isolated from the user's packages, reading its program from standard input. */
const python = ['/usr/bin/python3', '-I', '-S', '-']

/** The most processes and threads at once. */
const processes = 32

/** No file grows beyond, and all of them together not either. */
const diskBytes = 2 ** 24

/**
 * What makes the walls, as root of a namespace of its own: a memory disk to work on, all else read-only, and then no power to change that. Flags that a
 * mount has must be given again, or the kernel refuses.
 */
const walls = `set -eu
mount --make-rprivate /
mount -t tmpfs -o size=${diskBytes},nosuid,nodev none /tmp
cut -d' ' -f5,6 /proc/self/mountinfo | while read -r place flags; do
  [ "$place" = /tmp ] && continue
  kept=$(echo "$flags" | tr ',' '\\n' | grep -E '^(nosuid|nodev|noexec|noatime|nodiratime|relatime)$' | tr '\\n' ',' || true)
  mount -o "remount,bind,\${kept}ro" "$place" || { case "$place" in /proc*|/sys*) ;; *) exit 97;; esac; }
done
mount -t proc -o ro,nosuid,nodev,noexec proc /proc
cd /tmp
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all "$@"`

/** The command line that runs Python behind walls, or within limits alone. */
export function enclosed({ isolation, seconds, memoryBytes }: Required<SandboxOptions>): string[] {
  const limits = [
    `--cpu=${Math.ceil(seconds)}`,
    `--as=${memoryBytes}`,
    `--fsize=${diskBytes}`,
    `--nproc=${processes}`,
    '--core=0',
    '--nofile=64',
  ]
  if (isolation === 'limits') return ['prlimit', ...limits.filter((limit) => !limit.startsWith('--nproc')), ...python]
  const separate = ['unshare', '--user', '--map-root-user', '--net', '--pid', '--fork', '--mount', '--ipc', '--uts', '--kill-child']
  // The kernel does not count root's processes: root gives the run to nobody.
  const user = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
  return [...user, ...separate, '/bin/sh', '-c', walls, 'sh', 'prlimit', ...limits, ...python]
}
