/**
 * Namespaces of its own for a command and everything that it starts: a kubelet believes that it owns the machine. All
 * that they leave is memory: when the command ends, or when the one who started it is killed, the kernel ends every
 * process in here, and with them go the mounts, the files below and every socket. It needs root, and gives no protection
 * against those inside.
 * https://man7.org/linux/man-pages/man7/namespaces.7.html
 */

/** The same command, in a sandbox that dies with whoever starts it. */
export function sandboxed(command: readonly string[]): readonly [program: string, ...args: string[]] {
  const spaces = ['--mount', '--propagation', 'private', '--pid', '--mount-proc', '--net', '--ipc', '--uts'];
  // The first process of a PID namespace is killed with its parent, and everybody else in it by the kernel.
  const unshare = ['unshare', ...spaces, '--fork', '--kill-child=KILL'];
  return ['setpriv', '--pdeathsig', 'KILL', '--', ...unshare, '--', 'sh', '-euc', setup, 'sh', ...command];
}

/**
 * Folders that are written to by absolute path get an empty stand-in. A kubelet also sets some kernel parameters, which
 * no namespace holds: it finds files in their place that say what it wants to read. The shell stays as the first
 * process, to collect the orphans of all the others.
 */
const setup = `
for folder in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 purser-e2e $folder; done
mkdir -m 1777 /run/tmp
pretend() { echo "$2" >/run/$(basename "$1"); mount --bind /run/$(basename "$1") /proc/sys/"$1"; }
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
ip link set lo up
export TMPDIR=/run/tmp PURSER_E2E_SANDBOX=1
set +e
"$@"
exit $?
`;
