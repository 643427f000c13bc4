import { mkdir, rmdir, writeFile } from "node:fs/promises";

const CPUSET = "/sys/fs/cgroup/cpuset";

/**
 * Has the kernel count anew what DEADLINE threads have, where this process may: by a set of cores that comes and goes.
 * On Linux 6.18 the count was seen below nothing after a DEADLINE thread had ended while sets changed; everything is
 * refused from then on, until the next change.
 */
export async function recountDeadlines(): Promise<void> {
  const path = `${CPUSET}/orbweaver-recount-${process.pid}`;
  try {
    await mkdir(path);
  } catch {
    return;
  }
  try {
    await writeFile(`${path}/cpuset.cpus`, "0");
  } finally {
    await rmdir(path);
  }
}
