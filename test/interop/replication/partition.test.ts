// Three replicas as processes, one of them cut off: what becomes of its updates and its clients, and of those of the two.
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { type Call, faultsOf } from "../../chaos/history.ts";
import { omniOrbWriter } from "../../chaos/omniorb-writer.ts";
import {
  namespaceSplit,
  type Place,
  proxySplit,
  replicasAt,
  type Split,
} from "../../chaos/split.ts";
import { machineMs, Writer } from "../../chaos/writers.ts";
import type { GroupProcess } from "../../support/group-process/index.ts";
import { NetworkHosts } from "../../support/network/index.ts";
import { eventually } from "../../support/process.ts";

const WRITER = fileURLToPath(new URL("../../chaos/writer.js", import.meta.url));
const SITES = ["a", "b", "c"] as const;
/** A busy machine is late: silence counts from about a second on. */
const TIMES = {
  heartbeatMs: 50,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 150 },
  patienceMs: 1_000,
  resendMs: 200,
};
const LONGEST_MS = 300_000;
/** How often our client asks whether its member lives. */
const BEAT_MS = "400";
/** Else omniORB waits for a silent server until TCP gives up, and for a connection as long as for the call. */
const OMNIORB: readonly string[] = [
  "-ORBclientCallTimeOutPeriod",
  "3000",
  "-ORBclientConnectTimeOutPeriod",
  "500",
];
const omniOrb = await omniOrbWriter();

interface Scene {
  readonly split: Split;
  readonly all: readonly GroupProcess[];
  /** The one that is cut off, and where. */
  readonly minority: GroupProcess;
  readonly place: Place;
  readonly majority: readonly [GroupProcess, GroupProcess];
}

async function scene(t: ExecutionContext, split: Split, alone: number): Promise<Scene> {
  t.timeout(LONGEST_MS);
  const policy = { style: "semi-active", replicas: SITES.length } as const;
  const all = await replicasAt(split, { times: TIMES, policy });
  t.teardown(async () => {
    for (const one of all) await one[Symbol.asyncDispose]();
  });
  const [minority, place] = [all[alone], split.places[alone]];
  const [one, two] = all.filter((each) => each !== minority);
  if (!minority || !place || !one || !two) throw new TypeError("three");
  return { split, all, minority, place, majority: [one, two] };
}

function started(t: ExecutionContext, name: string, line: readonly string[]): Writer {
  const [command = "", ...args] = line;
  const writer = new Writer(name, command, args);
  t.teardown(() => writer[Symbol.asyncDispose]());
  return writer;
}

/** A client where the minority is, which knows that member alone and nothing of groups: omniORB's, where there is one. */
function plainClient(t: ExecutionContext, made: Scene, name: string): Writer {
  if (omniOrb === undefined) return ownClient(t, made, name);
  const { split, place, minority } = made;
  return started(t, name, split.near(place, [omniOrb, minority.own, name, "7", ...OMNIORB]));
}

/** The same, always ours. */
function ownClient(t: ExecutionContext, { split, place, minority }: Scene, name: string): Writer {
  return started(t, name, split.near(place, [process.execPath, WRITER, minority.own, name, "9"]));
}

/** Our client, where the majority is. */
function groupClient(t: ExecutionContext, { split, majority: [one] }: Scene, name: string): Writer {
  const place = split.places.find(({ site }) => site === one.site);
  if (place === undefined) throw new TypeError(one.site);
  const line = [process.execPath, WRITER, one.reference, name, "8", BEAT_MS];
  return started(t, name, split.near(place, line));
}

const isDone = ({ end }: Call): boolean => end.how === "done" || end.how === "insufficient";
const isTransient = ({ end }: Call): boolean => "why" in end && end.why.startsWith("TRANSIENT");

/** Of each view there is one primary, whoever is asked. */
function primariesAreOne(t: ExecutionContext, all: readonly GroupProcess[]): void {
  const primaries = new Map<number, Set<string>>();
  for (const { standings } of all)
    for (const { at, view, primary, self } of standings) {
      if (view === 0) continue;
      const named = primaries.get(view) ?? new Set();
      primaries.set(view, named.add(primary));
      if (at === "primary") named.add(self);
    }
  for (const [view, named] of primaries) t.is(named.size, 1, `view ${view}: ${[...named].join()}`);
}

/** All three have the same books, in which each call stands as its caller was told. */
async function booksAreOne(
  t: ExecutionContext,
  all: readonly GroupProcess[],
  calls: readonly Call[],
): Promise<void> {
  const [first, ...others] = all;
  if (first === undefined) throw new TypeError("nobody");
  let books = await first.books();
  await eventually("all have the same books", async () => {
    books = await first.books();
    const theirs = await Promise.all(others.map((one) => one.books()));
    return theirs.every(({ tokens }) => tokens.length === books.tokens.length);
  });
  for (const other of others) {
    const { tokens, balances } = await other.books();
    t.deepEqual(tokens, books.tokens);
    t.deepEqual(balances, books.balances);
  }
  t.deepEqual(faultsOf(calls, books.tokens), []);
}

/** What a partition begins with. */
interface Parted {
  readonly scene: Scene;
  readonly lonely: Writer;
  readonly theirs: Writer;
  readonly cutMs: number;
}

/** Both clients are served; then one of three is cut off, and the two go on without it. */
async function part(t: ExecutionContext, split: Split, alone: number): Promise<Parted> {
  const made = await scene(t, split, alone);
  const { place, majority, minority } = made;
  t.is(made.all[0]?.standing?.at, "primary");
  const theirs = groupClient(t, made, "theirs");
  const lonely = plainClient(t, made, "lonely");
  await Promise.all([theirs, lonely].map((one) => one.next("served", isDone)));
  split.cut(place);
  const cutMs = machineMs();
  const served = await theirs.next("served by the majority", isDone);
  t.log(`the majority's client is served ${Math.round(served.endedMs - cutMs)} ms after the cut`);
  await Promise.all(majority.map((one) => one.inViewOf(2)));
  t.is(majority.filter(({ standing }) => standing?.at === "primary").length, 1);
  await minority.until(() => minority.standing?.at !== "primary", "be primary no more");
  return { scene: made, lonely, theirs, cutMs };
}

async function merge(t: ExecutionContext, parted: Parted): Promise<void> {
  const { scene: made, lonely, theirs } = parted;
  const { split, place, minority, all } = made;
  const former = minority.standing?.self;
  split.heal(place);
  const healMs = machineMs();
  await minority.until(() => minority.standing?.self !== former, "come back as another member");
  await Promise.all(all.map((one) => one.inViewOf(SITES.length)));
  t.log(`one view of three ${Math.round(machineMs() - healMs)} ms after the link was up`);
  t.is(all.filter(({ standing }) => standing?.at === "primary").length, 1);
  t.is(minority.standing?.at, "follower");
  await Promise.all([theirs, lonely].map((one) => one.next("served by the three", isDone)));
  const { sentCount } = await minority.books();
  const late = plainClient(t, made, "late");
  await late.next("served by whom it was sent to", isDone);
  // Our client that does not know of groups is served where it asks.
  if (omniOrb !== undefined) t.is((await minority.books()).sentCount, sentCount + 1);
  const calls = (await Promise.all([lonely, theirs, late].map((one) => one.end()))).flat();
  await booksAreOne(t, all, calls);
  primariesAreOne(t, all);
}

const hosts = NetworkHosts.make(SITES.length);
const namespaces = typeof hosts === "string" ? undefined : hosts;
const reason = typeof hosts === "string" ? ` (${hosts.slice(0, 80)})` : "";
const suite = namespaces === undefined ? test.skip : test.serial;
test.after.always(() => namespaces?.[Symbol.dispose]());

for (const [alone, who] of [
  [0, "the primary"],
  [2, "a follower"],
] as const) {
  suite(`${who} and its clients are cut off by the network: nothing is acknowledged there${reason}`, async (t) => {
    if (namespaces === undefined) return;
    await using split = namespaceSplit(namespaces, SITES);
    const parted = await part(t, split, alone);
    const { lonely, cutMs, scene: made } = parted;
    // It may be sent to the others, which it does not reach either, once.
    const vain = ownClient(t, made, "vain");
    await vain.next("told TRANSIENT", isTransient);
    await lonely.next("refused", (call) => !isDone(call));
    const calls = [...(await vain.end()), ...lonely.calls];
    t.deepEqual(
      calls.filter((call) => call.beganMs > cutMs && isDone(call)),
      [],
    );
    await merge(t, parted);
  });

  test.serial(
    `${who} is cut off from the others, and not from its clients: they are sent to the majority`,
    async (t) => {
      await using split = await proxySplit(SITES);
      const parted = await part(t, split, alone);
      const { lonely } = parted;
      if (omniOrb === undefined) await lonely.next("told TRANSIENT", isTransient);
      else await lonely.next("served by whom it was sent to", isDone);
      await merge(t, parted);
    },
  );
}
