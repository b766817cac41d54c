import { startNamespace, type Namespace } from './namespace.ts'

const RUNTIME_DIRECTORY = '/run/user-of-the-test'

/** What programs need to find the manager. */
export const MANAGER_ENVIRONMENT = { XDG_RUNTIME_DIR: RUNTIME_DIRECTORY }

/**
 * A real `systemd --user` for this home, on a machine that was not booted with systemd: it wants to see that it was, and
 * control groups that it may write to.
 */
export function startUserManager(home: string): Promise<Namespace> {
  const before = `
    mount -t tmpfs tmpfs /run
    mkdir -p /run/systemd/system ${RUNTIME_DIRECTORY}
    chmod 700 ${RUNTIME_DIRECTORY}
    export XDG_RUNTIME_DIR=${RUNTIME_DIRECTORY}
    groups=()
    for root in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
      [ -w "$root/cgroup.procs" ] && mkdir "$root/acs-env-test-$$" 2>/dev/null || continue
      echo $$ >"$root/acs-env-test-$$/cgroup.procs" && groups+=("$root")
    done
    /lib/systemd/systemd --user 2>/dev/null &
    manager=$!
    for _ in $(seq 100); do systemctl --user show -p Version >/dev/null 2>&1 && break; sleep 0.05; done
    systemctl --user show -p Version >/dev/null`
  const after = `
    kill -TERM $manager
    wait $manager
    for root in "\${groups[@]}"; do
      echo $$ >"$root/cgroup.procs"
      find "$root/acs-env-test-$$" -depth -type d -exec rmdir {} + 2>/dev/null
    done`
  return startNamespace(home, before, after)
}
