// `orbweaver manager` as a group of processes: one is killed, and the others know what it knew.
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { type ORB, ORB_init, SystemException } from "../../../orb/index.ts";
import { Flare } from "../../../services/monitor/index.ts";
import { freePorts } from "../../chaos/links.ts";
import { eventually, TestProcess } from "../../support/process.ts";
import { registrationOf, reportOf } from "./support.ts";

const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const LOOPBACK = ["-ORBListenEndpoints", "iiop://127.0.0.1:0"] as const;
/** Longer than the others need to notice, on a busy machine. */
const CALL_MS = 20_000;

interface Managing {
  readonly at: string;
  readonly process: TestProcess;
}

async function managers(t: ExecutionContext): Promise<readonly Managing[]> {
  const members = (await freePorts(3)).map((port) => `127.0.0.1:${port}`);
  return await Promise.all(
    members.map(async (member) => {
      const others = members.flatMap((each) => ["--member", each]);
      const args = [MAIN, "manager", "--listen", "127.0.0.1:0", "--group", member, ...others];
      const process = new TestProcess(globalThis.process.execPath, [...args, "--verbose"]);
      t.teardown(() => {
        if (!t.passed) t.log(process.errors);
        process.kill("SIGKILL");
        return process[Symbol.asyncDispose]();
      });
      const [, at = ""] = await process.match(/^ReplicationManager=corbaloc::(\S+)\/Repl/m);
      return { at, process };
    }),
  );
}

async function managing(orb: ORB, at: readonly string[]): Promise<Flare.ReplicationManager> {
  const text = `corbaloc:${at.map((each) => `:${each}`).join()}/ReplicationManager`;
  const found = Flare.ReplicationManager.uncheckedNarrow(await orb.string_to_object(text));
  if (found === null) throw new TypeError("nil");
  return found;
}

/** All that is asked of a manager here may be asked twice. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isRefused = error instanceof SystemException && performance.now() - startMs < CALL_MS;
      if (!isRefused) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test("a manager of three is killed: registrations, targets and pushes go on", async (t) => {
  t.timeout(120_000);
  const all = await managers(t);
  const orb = await ORB_init([...LOOPBACK], { config: { orb: { deadlineMs: CALL_MS } } });
  t.teardown(() => orb.destroy());
  const anyone = await managing(
    orb,
    all.map(({ at }) => at),
  );
  orb.rootPOA.the_POAManager.activate();
  const told = new Map<string, readonly bigint[]>();
  class Agent extends Flare.ForwardingAgentSkeleton {
    update(changed: Flare.RankList): void {
      for (const { object_id, version, targets } of changed)
        told.set(object_id, [version, BigInt(targets.length)]);
    }
  }
  const agent = Flare.ForwardingAgent.uncheckedNarrow(await orb.rootPOA.activate(new Agent()));
  await insist(() => anyone.register_agent(agent));
  for (const name of ["one", "two", "three"])
    await insist(() => anyone.register_replica(registrationOf(name, agent)));
  await insist(() => anyone.observe(reportOf("two", 1, 0.9)));
  const targetsOf = async (manager: Flare.ReplicationManager): Promise<readonly string[]> => {
    const [object] = (await insist(() => manager.report())).objects;
    return (object?.replicas ?? []).filter(({ alive }) => alive).map(({ process }) => process);
  };
  t.deepEqual(await targetsOf(anyone), ["one", "three", "two"]);
  await eventually("the agent is told", () => told.get("A")?.[1] === 3n);
  const [before = 0n] = told.get("A") ?? [];

  // Whoever speaks: the first of the list founded the group.
  const [first, ...left] = all;
  first?.process.kill("SIGKILL");
  await first?.process.ended();
  told.clear();
  await insist(() => anyone.process_failed("one", "one"));
  for (const { at } of left)
    t.deepEqual(await targetsOf(await managing(orb, [at])), ["three", "two"]);
  await eventually("the agent is told by another one", () => told.get("A")?.[1] === 2n);
  t.true((told.get("A")?.[0] ?? 0n) > before, "newer than what the one that died had told");
  await insist(() => anyone.register_replica(registrationOf("four", agent)));
  await eventually("and of what is new", () => told.get("A")?.[1] === 3n);
  const { agents, version } = await insist(() => anyone.report());
  t.is(agents, 1);
  t.true(version > 1n << 50n, "by the time, so that agents take up the next group's, too");
});
