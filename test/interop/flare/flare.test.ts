// Servers of omniORB that know nothing of replicas, one of which is killed: our client goes on at another.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { portable, Redirection, TargetTable } from "../../../interceptors/index.ts";
import { describeReference, type ORB, ORB_init } from "../../../orb/index.ts";
import { ForwardingAgent } from "../../../services/forwarding/index.ts";
import { Flare } from "../../../services/monitor/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { TestProcess } from "../../support/process.ts";
import { given } from "../checks/check.ts";
import * as Interop from "../gen/Interop.ts";
import { declareCheck } from "../results.ts";

const COMMAND = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
/** Tells its process id, which stays that of the program that it becomes. */
const TELLING = ["sh", "-c", 'echo "pid $$"; exec "$0" "$@"'] as const;
const LOOPBACK = ["-ORBendPoint", "giop:tcp:127.0.0.1:"] as const;

const peers = await findPeers();

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`flare/${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

interface OmniServer {
  readonly ior: string;
  readonly port: number;
  readonly kill: () => void;
}

/** None of them ends with its input. */
function end(child: TestProcess): Promise<void> {
  child.kill("SIGTERM");
  return child[Symbol.asyncDispose]();
}

async function startOmni(t: ExecutionContext, command: readonly string[]): Promise<OmniServer> {
  const [program = "", ...args] = command;
  const child = new TestProcess(program, args);
  t.teardown(() => end(child));
  const [, pid = ""] = await child.match(/^pid (\d+)$/m);
  const [, ior = ""] = await child.match(/^(IOR:[0-9a-f]+)\nready$/m);
  const port = describeReference(ior).profiles[0]?.iiop?.port ?? 0;
  return { ior, port, kill: () => void process.kill(Number(pid), "SIGKILL") };
}

/** A command of ours that serves. @returns what it prints in place of the group */
async function orbweaver(
  t: ExecutionContext,
  args: readonly string[],
  pattern: RegExp,
): Promise<string> {
  const child = new TestProcess(process.execPath, [COMMAND, ...args]);
  t.teardown(() => end(child));
  const [, found = ""] = await child.match(pattern);
  return found;
}

/** The port of the server that answers: the references that it gives are its own. */
async function answering(orb: ORB, root: Interop.Root): Promise<number | undefined> {
  const given = await root._get_of_faults();
  if (given === null) return undefined;
  return describeReference(orb.object_to_string(given)).profiles[0]?.iiop?.port;
}

/** Kills a server that has nothing to do, and waits until its connection has ended: what was sent before is nobody's to repeat. */
async function kill(orb: ORB, server: OmniServer): Promise<void> {
  const { opened } = orb._connectionCounts;
  server.kill();
  while (orb._connectionCounts.opened >= opened)
    await new Promise((resolve) => setImmediate(resolve));
}

declare("omniorb_servers_static", async (t, found) => {
  const command = [...TELLING, found.server, ...LOOPBACK];
  const [first, second] = [await startOmni(t, command), await startOmni(t, command)];
  const targets = new TargetTable();
  const redirection = new Redirection({ targets });
  await using orb = await ORB_init([], { initializers: portable([redirection]) });
  const places = [given(await orb.string_to_object(first.ior))];
  places.push(given(await orb.string_to_object(second.ior)));
  targets.set("root", { targets: places });
  const root = given(await Interop.Root.narrow(await orb.string_to_object(first.ior)));
  t.is(await answering(orb, root), first.port);
  await kill(orb, first);
  t.is(await answering(orb, root), second.port);
  t.is(redirection.redirectedCount, 1);
});

declare("omniorb_servers_managed", async (t, found) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-flare-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, "monitor.sock");
  const at = ["--listen", "127.0.0.1:0"];
  const manager = await orbweaver(t, ["manager", ...at], /^ReplicationManager=(\S+)$/m);
  const monitor = ["monitor", ...at, "--manager", manager, "--processor", "tango"];
  await orbweaver(t, [...monitor, "--socket", socket], /^Monitor=(\S+)$/m);
  const held = (name: string): readonly string[] => [
    process.execPath,
    COMMAND,
    "monitor",
    "--hold",
    name,
    "--socket",
    socket,
    ...TELLING,
    found.server,
    ...LOOPBACK,
  ];
  const servers = { a1: await startOmni(t, held("a1")), a2: await startOmni(t, held("a2")) };
  const targets = new TargetTable();
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"], {
    initializers: portable([new Redirection({ targets })]),
  });
  const managing = Flare.ReplicationManager.uncheckedNarrow(
    given(await orb.string_to_object(manager)),
  );
  for (const [name, { ior }] of Object.entries(servers)) {
    const replica = await orb.string_to_object(ior);
    const what = { object_id: "root", process: name, processor: "tango", load: 0.1, replica };
    await managing.register_replica(what);
  }
  await using agent = await ForwardingAgent.open({ orb, targets, manager: managing });
  t.true(agent.isFed);
  const reference = await orb.string_to_object(servers.a1.ior);
  const root = given(await Interop.Root.narrow(reference));
  t.is(await answering(orb, root), servers.a1.port);
  await kill(orb, servers.a1);
  t.is(await answering(orb, root), servers.a2.port);
  // The monitor has told of it: a client that comes now does not even try the first.
  while (!targets.knowsGone) await new Promise((resolve) => setImmediate(resolve));
  const later = given(Interop.Root.uncheckedNarrow(await orb.string_to_object(servers.a1.ior)));
  t.is(await answering(orb, later), servers.a2.port);
  const { objects } = await managing.report();
  t.deepEqual(objects[0]?.replicas, [
    { process: "a2", processor: "tango", alive: true },
    { process: "a1", processor: "tango", alive: false },
  ]);
});
