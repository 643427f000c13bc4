import test, { type ExecutionContext } from "ava";
import { Deadline, systemClock } from "../../../orb/base/index.ts";
import {
  type ObjectReference,
  type ORB,
  ORB_init,
  type POA,
  string_to_ObjectId,
} from "../../../orb/index.ts";
import { PrometheusMetrics, wire, type Wired } from "../../../services/node/index.ts";
import { type ManifestCapture, readManifest } from "../../support/vectors.ts";
import * as Anchor from "../../vectors/gen/Anchor.ts";
import { answersOf, keyOf, type Recorded, recordedIn, redirected } from "./recorded.ts";
import type { Spoken } from "./conversation.ts";
import {
  adaptersOf,
  checkReply,
  DEFAULT,
  LANES,
  NO_LANES,
  portOf,
  type Ports,
  RT_LANES,
  type Tally,
} from "./rt-server.ts";
import { ScriptedClient, ScriptedListener } from "./scripted.ts";

const MODULE = new URL("lane-peer.js", import.meta.url).href;
const CAPTURES = readManifest().captures.filter(({ file }) => file.startsWith("tao-rt-"));
/** Where a request of GIOP 1.2 says how long the key is, and where the key begins. */
const KEY_LENGTH_AT = 24;
const KEY_AT = 28;
const SIZE_AT = 8;
/** What follows the key stays where it is among the eights. */
const ALIGNMENT = 8;
const LANE_NAMES: ReadonlyMap<number, string> = new Map([
  ...[...LANES.keys()].map((port, lane) => [port, `tao, lane ${lane}`] as const),
  [NO_LANES, "flat"],
]);

/** The recorded request, octet for octet, to another object: of a key that is as long, but for eights. */
function rekeyed({ frame, header, minor }: Spoken, key: Uint8Array): Buffer {
  if (header.type !== "Request" || minor !== 2) throw new RangeError("all of them are GIOP 1.2");
  const isLittle = (frame[6] ?? 0) % 2 === 1;
  const old = isLittle ? frame.readUInt32LE(KEY_LENGTH_AT) : frame.readUInt32BE(KEY_LENGTH_AT);
  if ((key.length - old) % ALIGNMENT !== 0) throw new RangeError("the rest would be moved");
  const whole = Buffer.concat([frame.subarray(0, KEY_AT), key, frame.subarray(KEY_AT + old)]);
  const size =
    (isLittle ? frame.readUInt32LE(SIZE_AT) : frame.readUInt32BE(SIZE_AT)) + key.length - old;
  if (isLittle) {
    whole.writeUInt32LE(key.length, KEY_LENGTH_AT);
    whole.writeUInt32LE(size, SIZE_AT);
  } else {
    whole.writeUInt32BE(key.length, KEY_LENGTH_AT);
    whole.writeUInt32BE(size, SIZE_AT);
  }
  return whole;
}

function keyIn(reference: ObjectReference): Uint8Array {
  return reference._core.ownTargets[0]?.objectKey ?? new Uint8Array();
}

/** An id of which the object's key is as long as the recorded one, but for eights. */
function idFor(poa: POA, name: string, recorded: Uint8Array): string {
  const bare = poa.create_reference_with_id(string_to_ObjectId(name), Anchor.Peer.repositoryId);
  const missing = (recorded.length - keyIn(bare).length) % ALIGNMENT;
  return name.padEnd(name.length + ((missing + ALIGNMENT) % ALIGNMENT), "_");
}

/** A server whose lanes are threads. */
interface Served {
  readonly ports: Ports;
  /** Keys of ours by the recorded ones. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

async function serve(orb: ORB, recorded: Recorded): Promise<Served> {
  const { rt, rootPOA } = orb;
  const pool = await rt.create_threadpool_with_lanes(0, RT_LANES, false, false, 0, 0, {
    name: "tao",
  });
  const flat = await rt.create_threadpool(0, 1, 0, 100, false, 0, 0, { name: "flat" });
  const plain = await rootPOA.createPoa("plain", { idAssignment: "USER_ID" });
  const known = (name: string): string =>
    orb.object_to_string(
      plain.create_reference_with_id(string_to_ObjectId(name), Anchor.Peer.repositoryId),
    );
  const args = [String(answersOf(recorded, "_get_who")[0]), known("nobody"), known("gone-away")];
  const servant = { module: MODULE, export: "LanePeer", args };
  const all = recorded.conversations.flatMap(({ exchanges }) => exchanges);
  const recordedKeys = new Map(
    all.flatMap(({ asked }) => {
      const key = keyOf(asked);
      return key === undefined ? [] : [[key.toString("latin1"), key] as const];
    }),
  );
  const keys = new Map<string, Uint8Array>();
  for (const [name, options] of Object.entries(adaptersOf(pool, flat))) {
    const poa = await rootPOA.createPoa(name, { ...options, idAssignment: "USER_ID" });
    for (const [text, key] of recordedKeys) {
      const object = /(?:peer|high)$/u.exec(text)?.[0];
      if (object === undefined || !text.includes(name)) continue;
      const priority = object === "high" ? { priority: 25_000 } : {};
      keys.set(text, keyIn(await poa.activateModule(idFor(poa, object, key), servant, priority)));
    }
  }
  rootPOA.the_POAManager.activate();
  await rootPOA.the_POAManager.settled();
  const portsOf = (id: number): readonly number[] =>
    rt.threadpoolState(id).lanes.map(({ endpoint }) => endpoint?.port ?? 0);
  const opened = portsOf(pool);
  return {
    keys,
    ports: new Map([
      [DEFAULT, orb.endpoints[0]?.port ?? 0],
      [NO_LANES, portsOf(flat)[0] ?? 0],
      ...[...LANES.keys()].map((port, at) => [port, opened[at] ?? 0] as const),
    ]),
  };
}

/** Requests that each lane's own ORB served, by the lane's name. */
async function servedBy(wired: Wired, metrics: PrometheusMetrics): Promise<Map<string, number>> {
  await wired.lanes.measure(Deadline.after(systemClock, 20_000));
  const counts = new Map<string, number>();
  for (const line of (await metrics.registry.metrics()).split("\n")) {
    const match = /^orbweaver_server_(?:requests|oneways)_total\{.*lane="([^"]*)"\} (\d+)$/u.exec(
      line,
    );
    const [, lane = "", count = "0"] = match ?? [];
    if (match !== null) counts.set(lane, (counts.get(lane) ?? 0) + Number(count));
  }
  return counts;
}

async function replay(t: ExecutionContext, capture: ManifestCapture): Promise<Tally> {
  const recorded = recordedIn(capture);
  const ordinary = { scheduling: "other", warmUpCalls: 0 } as const;
  const lanes = Object.fromEntries([...LANE_NAMES.values()].map((name) => [name, ordinary]));
  const metrics = new PrometheusMetrics();
  const wired = wire({ lanes }, { metrics });
  const orb = await ORB_init([], wired);
  t.teardown(() => orb.destroy());
  const { ports, keys } = await serve(orb, recorded);
  const callbacks = recorded.callbacks.flatMap(({ exchanges }) =>
    exchanges.filter((e) => e.operation === "heard"),
  );
  const listener = await ScriptedListener.listen(callbacks.map((e) => e.answered as Spoken));
  t.teardown(() => listener.close());
  const callbackPort = portOf(recorded.callbacks[0]?.server ?? "");
  const tally: Tally = { requests: 0, inLanes: 0, echoed: 0 };
  const sent = new Map<string, number>();
  for (const { server, exchanges, codeSets } of recorded.conversations) {
    const theirPort = portOf(server);
    // What went to TAO's default lane went to no lane of a pool.
    if (theirPort === DEFAULT) continue;
    const lane = LANE_NAMES.get(theirPort) ?? "";
    const client = await ScriptedClient.connect(ports.get(theirPort) ?? 0);
    t.teardown(() => client.close());
    for (const e of exchanges) {
      const key = keys.get(keyOf(e.asked)?.toString("latin1") ?? "") ?? new Uint8Array();
      const frame = rekeyed(e.asked, key);
      client.send(e.operation === "relay" ? redirected(frame, callbackPort, listener.port) : frame);
      tally.requests++;
      sent.set(lane, (sent.get(lane) ?? 0) + 1);
      if (e.answered === undefined) continue;
      checkReply(t, await client.receive(), e, codeSets, tally);
      if (LANES.has(theirPort)) tally.inLanes++;
    }
  }
  const served = await servedBy(wired, metrics);
  t.deepEqual(
    Object.fromEntries(served),
    Object.fromEntries(sent),
    "each lane what TAO routed to it",
  );
  t.is(orb.rt.threadpoolState(1).strayCount, 0, "and nothing came to another one");
  return tally;
}

for (const capture of CAPTURES)
  test.serial(
    `the requests of ${capture.file} run in the threads of the lanes that TAO ran them in, and replies have the same priorities`,
    async (t) => {
      const { requests, inLanes, echoed } = await replay(t, capture);
      t.log(`${requests} requests, ${inLanes} in lanes; ${echoed} replies with a priority`);
      t.true(capture.file.includes("no-lanes") ? echoed >= 100 : inLanes >= 40 && echoed === 0);
    },
  );
