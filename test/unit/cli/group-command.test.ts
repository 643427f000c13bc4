import test, { type ExecutionContext } from "ava";
import { ORB_init, type ReplicationOptions } from "../../../orb/index.ts";
import { GroupControl, serveGroupControl } from "../../../services/group-control/index.ts";
import {
  type GroupReplicator,
  replicator,
  type ReplicatorOptions,
} from "../../../services/replication/index.ts";
import { ran } from "../../support/ran.ts";
import { Ledger } from "../../support/replication/local-groups.ts";
import { NearNetwork } from "../../support/replication/near-network.ts";
import { sample } from "../../support/sample.ts";

/** Long enough for a busy machine. */
const READY_MS = 20_000;
const SITES: readonly string[] = ["a", "b", "c"];

interface Site {
  readonly at: string;
  readonly groups: GroupReplicator;
  readonly reference: () => string;
}

interface Making {
  readonly places?: readonly string[];
  readonly details?: NonNullable<ReplicatorOptions["details"]>;
  readonly make?: new (own: string) => Ledger;
  readonly network?: NearNetwork;
}

/** Three processes, as far as the command can tell: each an ORB with a replica and its control. */
async function started(
  t: ExecutionContext,
  policy: ReplicationOptions = { style: "active" },
  { places = SITES, details = {}, make = Ledger, network = new NearNetwork() }: Making = {},
): Promise<ReadonlyMap<string, Site>> {
  const sites = new Map<string, Site>();
  for (const name of places) {
    const entry = { by: "list", addresses: places } as const;
    const groups = replicator({ host: network.host(name), entry, details });
    const orb = await ORB_init([], { replicator: groups });
    t.teardown(() => orb.destroy());
    const poa = await orb.rootPOA.createPoa("ledgers", {
      replication: { ...policy, replicas: places.length },
    });
    const id = Buffer.from("ledger");
    poa.activate_object_with_id(id, new make(name));
    poa.the_POAManager.activate();
    const end = await serveGroupControl(orb, { doors: groups.doors });
    t.teardown(end);
    const reference = (): string => orb.object_to_string(poa.id_to_reference(id));
    sites.set(name, { at: `127.0.0.1:${orb.endpoints[0]?.port}`, groups, reference });
  }
  const signal = AbortSignal.timeout(READY_MS);
  for (const { groups } of sites.values()) await groups.ready("ledgers", signal);
  return sites;
}

const group = (...args: readonly string[]): ReturnType<typeof ran> => ran(["group", ...args]);

const atOf = (sites: ReadonlyMap<string, Site>, name: string): string => sites.get(name)?.at ?? "";

test("group: the replicas of a process and of its groups are shown, moved and taken out, while a client calls", async (t) => {
  const sites = await started(t);
  const a = atOf(sites, "a");
  const listed = await group("ls", "--at", a);
  t.deepEqual(listed, {
    code: 0,
    out: [
      "group    style   view  replicas  primary  here",
      "ledgers  active  1     3 of 3    a        primary",
    ],
    err: [],
  });
  await using client = await ORB_init([], { config: { orb: { listen: [] } } });
  const ledger = await client.string_to_object(sites.get("a")?.reference() ?? "");
  if (ledger === null) throw new TypeError("nil");
  t.is(await sample.echo(ledger, "one"), "1 one");

  // Asked of a follower: the primary is found through it.
  const moved = await group("move", "ledgers", "c", "--at", atOf(sites, "b"));
  t.deepEqual(moved.err, []);
  t.deepEqual(moved.out, [`ledgers: c (${atOf(sites, "c")}) is the primary`]);
  t.is(await sample.echo(ledger, "two"), "2 two");
  const shown = await group("show", "ledgers", "--at", atOf(sites, "c"));
  t.regex(
    shown.out.join("\n"),
    /^ledgers: active, view \d+, 3 of 3 replicas; a crash of the primary may cost: none, /,
  );
  t.regex(
    shown.out[1] ?? "",
    new RegExp(`^ {2}primary {3}c  ${atOf(sites, "c")}  \\S+, here: primary$`),
  );

  const removed = await group("remove", "ledgers", "c", "--at", a);
  t.deepEqual(removed.err, []);
  t.is(await sample.echo(ledger, "three"), "3 three");
  const json = await group("ls", "--json", "--at", atOf(sites, "c"));
  const [told] = JSON.parse(json.out.join("\n")) as {
    standing: string;
    sent_elsewhere: number;
  }[];
  t.is(told?.standing, "left");
  t.is(told?.sent_elsewhere, 1);
});

test("group remove: of two either may go, and the last one stays", async (t) => {
  for (const [gone, stays] of [
    ["a", "b"],
    ["b", "a"],
  ] as const) {
    const sites = await started(t, { style: "active" }, { places: ["a", "b"] });
    const at = atOf(sites, stays);
    t.deepEqual((await group("remove", "ledgers", gone, "--at", at)).err, []);
    await using client = await ORB_init([], { config: { orb: { listen: [] } } });
    const ledger = await client.string_to_object(sites.get(stays)?.reference() ?? "");
    if (ledger === null) throw new TypeError("nil");
    t.is(await sample.echo(ledger, "one"), "1 one", `${stays} alone takes updates`);
    const { code, err } = await group("remove", "ledgers", stays, "--at", at);
    t.is(code, 1);
    t.regex(err[0] ?? "", /^group remove: the replica here is the last one of ledgers/);
  }
});

test("group remove: of two the one stays whose other one cannot be reached", async (t) => {
  const network = new NearNetwork();
  const sites = await started(t, { style: "active" }, { places: ["a", "b"], network });
  network.kill("b");
  const { code, err } = await group("remove", "ledgers", "a", "--at", atOf(sites, "a"));
  t.is(code, 1);
  t.regex(err[0] ?? "", /^group remove: the other replica of ledgers cannot be reached at the mom/);
  t.is(sites.get("a")?.groups.doors.get("ledgers")?.group.standing.at, "wedged");
});

test("group add: a replica that is not made in time is not waited for", async (t) => {
  const orb = await ORB_init([]);
  t.teardown(() => orb.destroy());
  const factories = { ledgers: () => new Promise<void>(() => undefined) };
  t.teardown(await serveGroupControl(orb, { doors: new Map(), factories }));
  const at = `127.0.0.1:${orb.endpoints[0]?.port}`;
  const control = GroupControl.Control.uncheckedNarrow(
    await orb.string_to_object(`corbaloc::${at}/GroupControl`),
  );
  const refused = await t.throwsAsync(async () => control?.add("ledgers", 20), {
    instanceOf: GroupControl.NotDone,
  });
  t.is(refused?.reason, "the replica of ledgers is still being made");
});

test("group style: a group is run in other ways one after the other, while a client calls", async (t) => {
  const sites = await started(t, { style: "warm-passive", periodMs: 1_000 });
  const b = ["--at", atOf(sites, "b")] as const;
  await using client = await ORB_init([], { config: { orb: { listen: [] } } });
  const ledger = await client.string_to_object(sites.get("a")?.reference() ?? "");
  if (ledger === null) throw new TypeError("nil");
  const answers: string[] = [];
  let isOver = false;
  const calls = (async () => {
    for (let i = 1; !isOver || i < 20; i++) answers.push(await sample.echo(ledger, "x"));
  })();
  const losses: string[] = [];
  for (const style of ["active", "semi-active", "warm-passive", "warm-passive"]) {
    const { code, out, err } = await group("style", "ledgers", style, ...b);
    t.is(code, 0, err.join("\n"));
    t.regex(out[0] ?? "", new RegExp(`^ledgers: ${style}, view \\d+, 3 of 3 replicas; `));
    losses.push(/may cost: (.*)$/.exec(out[0] ?? "")?.[1] ?? "");
  }
  isOver = true;
  await calls;
  t.deepEqual(
    answers,
    answers.map((_, i) => `${i + 1} x`),
  );
  t.deepEqual(losses, [
    "none, while a majority of the replicas lives",
    "none, while a majority of the replicas lives",
    "the updates of the last 1000 ms",
    "the updates of the last 1000 ms",
  ]);
});

test("group style: what a group cannot be is refused, with the reason", async (t) => {
  const sites = await started(t, { deterministic: false });
  const refusals: readonly (readonly [string, RegExp])[] = [
    ["lukewarm", /ledgers cannot be lukewarm: allowed: active, semi-active, warm-passive, cold-p/],
    ["cold-passive", /group ledgers cannot be cold-passive: it was founded without stores for its/],
    ["active", /group ledgers cannot be active: its servants are not deterministic, as its policy/],
  ];
  for (const [style, complaint] of refusals) {
    const { code, err } = await group("style", "ledgers", style, "--at", atOf(sites, "a"));
    t.is(code, 1);
    t.regex(err.join("\n"), complaint);
  }
});

/** No two of them are in one state. */
class LuckyLedger extends Ledger {
  readonly luck: number = Math.random();
}

test("group style: a group whose replicas were seen to differ cannot be active", async (t) => {
  let seen = (): void => undefined;
  const diverged = new Promise<void>((resolve) => (seen = resolve));
  const details = { digestEvery: 1, diverged: () => seen() };
  const sites = await started(t, { style: "semi-active" }, { details, make: LuckyLedger });
  await using client = await ORB_init([], { config: { orb: { listen: [] } } });
  const ledger = await client.string_to_object(sites.get("a")?.reference() ?? "");
  if (ledger === null) throw new TypeError("nil");
  t.is(await sample.echo(ledger, "x"), "1 x");
  await diverged;
  const { code, err } = await group("style", "ledgers", "active", "--at", atOf(sites, "c"));
  t.is(code, 1);
  t.regex(err.join("\n"), /not deterministic: \S+ had another state after operation 1$/);
  t.is((await group("style", "ledgers", "warm-passive", "--at", atOf(sites, "c"))).code, 0);
});

test("group: what cannot be done is refused with what is there", async (t) => {
  const sites = await started(t);
  const a = ["--at", atOf(sites, "a")] as const;
  const refusals: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["show", "books"], 1, /group show: the process has no group "books"; it has: ledgers/],
    [
      ["move", "ledgers", "z"],
      2,
      /ledgers has no member at z; its members: a \(127\.0\.0\.1:\d+\), b /,
    ],
    [["add", "books"], 1, /this process can make no replica of books; of these it can: none/],
    [["grow"], 2, /"grow" is nothing it does; allowed: ls, show, move, style, add, remove/],
    [["move", "ledgers"], 2, /group move: takes NAME SITE/],
  ];
  for (const [args, code, complaint] of refusals) {
    const { code: ended, err } = await group(...args, ...a);
    t.is(ended, code, args.join(" "));
    t.regex(err.join("\n"), complaint);
  }
});
