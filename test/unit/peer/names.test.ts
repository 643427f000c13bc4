import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import * as Metro from "../../../examples/metro/gen/Metro.ts";
import { CosNaming } from "../../../idl/index.ts";
import { type ObjectReference, type ORB, ORB_init, TRANSIENT } from "../../../orb/index.ts";
import { nameFromString } from "../../../services/naming/index.ts";
import { ran } from "../../support/ran.ts";
import { TestProcess } from "../../support/process.ts";

// Names of all peers: real processes, one of which is killed.
const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const STATION: string = fileURLToPath(
  new URL("../../../examples/metro/station.js", import.meta.url),
);

/** Ports that nobody has now: voters are known by theirs before they start. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

interface Started {
  readonly process: TestProcess;
  readonly at: string;
  readonly health: string;
}

async function start(
  t: ExecutionContext,
  settings: readonly string[],
): Promise<{ readonly process: TestProcess; readonly reached: Promise<Started> }> {
  const args = settings.flatMap((each) => ["--set", each]);
  const process = new TestProcess(globalThis.process.execPath, [MAIN, "peer", ...args]);
  t.teardown(() => process[Symbol.asyncDispose]());
  const reached = (async (): Promise<Started> => {
    const [, at = ""] = await process.match(/^Peer=corbaloc::(.*)\/Peer$/m);
    const [, health = ""] = await process.match(/^health=(.*)$/m);
    await process.match(/^ready$/m);
    return { process, at, health };
  })();
  return { process, reached };
}

async function contextOf(orb: ORB, at: string): Promise<CosNaming.NamingContext> {
  const reference = await orb.string_to_object(`corbaloc::${at}/NameService`);
  const context = await CosNaming.NamingContext.narrow(reference);
  if (context === null) throw new TypeError("no naming context");
  return context;
}

/** Binds, again for as long as no majority answers: who is to answer may be being chosen. */
async function bindAgain(
  context: CosNaming.NamingContext,
  name: string,
  object: ObjectReference | null,
): Promise<void> {
  try {
    await context.bind(nameFromString(name), object);
  } catch (thrown) {
    // It may have been done by the time that the majority was there.
    if (thrown instanceof CosNaming.NamingContext.AlreadyBound) return;
    if (!(thrown instanceof TRANSIENT)) throw thrown;
    await bindAgain(context, name, object);
  }
}

async function coordinatorOf(peers: readonly Started[]): Promise<Started> {
  for (const peer of peers) {
    const topology = (await (await fetch(`${peer.health}/topology`)).json()) as {
      standing: { at: string; up?: string };
    };
    if (topology.standing.up === "root") return peer;
  }
  throw new Error("no peer is the root cell's coordinator");
}

test.serial(
  "names bound through one peer are found through all, and outlive their coordinator",
  async (t) => {
    t.timeout(120_000);
    const ports = await freePorts(9);
    const places = [0, 3, 6].map((at) => ports.slice(at, at + 3));
    const seeds = JSON.stringify(places.map(([port]) => `127.0.0.1:${port}`));
    const voters = JSON.stringify(places.map((place) => `127.0.0.1:${place.join(",")}`));
    const common = [
      'orb.listen=["iiop://127.0.0.1:0"]',
      'health.listen="127.0.0.1:0"',
      "log.form=text",
      "log.level=warn",
      'control.access="full"',
      `control.allow=[${JSON.stringify(STATION)}]`,
      "naming.kind=replicated",
      `naming.voters=${voters}`,
      `overlay.seeds=${seeds}`,
      "overlay.superpeers=3",
    ];
    const starting = [...places, [0, 0, 0]].map(([port, discovery, faults], at) =>
      start(t, [
        ...common,
        `overlay.port=${port}`,
        `overlay.discoveryPort=${discovery}`,
        `overlay.faultTolerancePort=${faults}`,
        `peer.name=p${at}`,
      ]),
    );
    const peers = await Promise.all(starting.map(async (each) => (await each).reached));
    await using orb = await ORB_init([], {
      config: { orb: { connectTimeoutMs: 1_000, deadlineMs: 10_000 } },
    });
    const [first, second, , last] = peers;
    if (first === undefined || second === undefined || last === undefined) return t.fail();

    // The one that has no vote has one make the object of a name.
    const through = await contextOf(orb, last.at);
    await through.bind_new_context(nameFromString("metro"));
    await using server = await ORB_init([], {});
    const { Display } = (await import(STATION)) as {
      Display: new (id: string) => Metro.DisplaySkeleton;
    };
    const reference = await server.rootPOA.activate(new Display("north-1"));
    server.rootPOA.the_POAManager.activate();
    const foreign = await orb.string_to_object(server.object_to_string(reference));
    await through.bind(nameFromString("metro/north.display"), foreign);
    const isFoundBy = async (peer: Started): Promise<string | undefined> => {
      const found = await (await contextOf(orb, peer.at)).resolve(
        nameFromString("metro/north.display"),
      );
      return await (await Metro.Display.narrow(found))?._get_id();
    };
    for (const peer of peers) t.is(await isFoundBy(peer), "north-1");

    // Of binds at the same time through different peers one wins.
    const results = await Promise.allSettled(
      peers.map(async ({ at }) =>
        (await contextOf(orb, at)).bind(nameFromString("metro/contended"), foreign),
      ),
    );
    t.is(results.filter(({ status }) => status === "fulfilled").length, 1);
    for (const each of results)
      if (each.status === "rejected")
        t.true(each.reason instanceof CosNaming.NamingContext.AlreadyBound, String(each.reason));

    const coordinator = await coordinatorOf(peers);
    coordinator.process.kill("SIGKILL");
    await coordinator.process.ended();
    const left = peers.filter((peer) => peer !== coordinator);
    const [asked] = left;
    const said = await ran(["ns", "voters", "--ns", `corbaloc::${asked?.at}/NameService`]);
    t.deepEqual([said.code, said.err, said.out.length], [0, [], 1 + places.length + 1]);
    for (const peer of left) t.is(await isFoundBy(peer), "north-1");
    const any = left.at(-1);
    if (any === undefined) return t.fail();
    await bindAgain(await contextOf(orb, any.at), "metro/after", foreign);
    for (const peer of left)
      t.truthy(await (await contextOf(orb, peer.at)).resolve(nameFromString("metro/after")));
  },
);
