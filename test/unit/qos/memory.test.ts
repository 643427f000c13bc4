import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import test from "ava";
import { groups, isReal, startDaemon, startPeer } from "./real.ts";

const real = isReal && groups.versionOf("memory") === 1 ? test.serial : test.skip;
const MEGA = 1_000_000;
/** More than a peer needs to start, and much less than it takes then. */
const LIMIT = 150 * MEGA;
const GREED = 600 * MEGA;

/** The group of a process in the tree of a controller of version 1. */
function groupOf(pid: unknown, controller: string): string | undefined {
  const lines = readFileSync(`/proc/${String(pid)}/cgroup`, "utf8").split("\n");
  const mine = lines.find((line) => line.split(":")[1]?.split(",").includes(controller));
  return mine?.split(":")[2];
}

real(
  "a peer that takes more memory than it was given is ended by the kernel, and another is not",
  async (t) => {
    const { config, lines } = await startDaemon(t);
    const greedy = await startPeer(t, [config.socket, "greedy", "0", `${LIMIT}`, `${GREED}`]);
    const modest = await startPeer(t, [config.socket, "modest", "0", `${LIMIT}`]);
    const path = (name: string): string => `/${config.group}/runtimes/${name}`;
    t.is(groupOf(greedy.said["pid"], "memory"), path("greedy"));
    t.is(groupOf(modest.said["pid"], "blkio"), path("modest"), "disks are weighed for the process");
    const taken = lines.next(/a runtime was taken away.*"greedy"/);
    greedy.child.stdin?.end("now\n");
    const [code, signal] = (await once(greedy.child, "exit")) as [number | null, string | null];
    t.deepEqual([code, signal], [null, "SIGKILL"]);
    await taken;
    t.false(existsSync(`/sys/fs/cgroup/memory${path("greedy")}`));
    t.is(groupOf(modest.said["pid"], "memory"), path("modest"));
    t.is(modest.child.exitCode, null);
  },
);
