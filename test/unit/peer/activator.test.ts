import test, { type ExecutionContext } from "ava";
import { noLogger, systemClock } from "../../../orb/base/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { PeerGroups, type Placing } from "../../../services/peer-groups/index.ts";
import {
  Activator,
  type ActivatorOptions,
  type ServiceSpec,
} from "../../../services/peer/index.ts";
import { retire } from "../../../services/replication/index.ts";
import { Bank } from "../../support/bank/index.ts";
import { ended } from "./ending-servant.ts";

const HOST = "127.0.0.1";
const LIMIT_MS = 20_000;
const SPEC: ServiceSpec = {
  name: "bank",
  module: new URL("./ending-servant.js", import.meta.url).href,
  export: "EndingServant",
  args: [],
  names: [],
  publish: false,
  attributes: {},
  start: "auto",
  restart: "never",
  restartMs: 100,
  mostRestarts: 0,
  configured: true,
};

/** One whose end is not counted. */
const BANK: ServiceSpec = {
  ...SPEC,
  module: new URL("../../support/bank/bank-servant.js", import.meta.url).href,
  export: "BankServant",
};
/** Of services that nobody stops while they start. */
const WANTED: AbortSignal = new AbortController().signal;

interface Site {
  readonly groups: PeerGroups;
  readonly activator: Activator;
}

/** A peer's groups, its ORB, and who brings its services to life. */
async function siteOf(
  t: ExecutionContext,
  peer: string,
  more: Partial<ActivatorOptions> = {},
): Promise<Site> {
  const groups = await PeerGroups.open({
    table: { enabled: true, port: 0, checksHosts: true },
    host: HOST,
    site: peer,
    clock: systemClock,
    logger: noLogger,
  });
  t.teardown(() => groups[Symbol.asyncDispose]());
  const orb = await ORB_init([], {
    replicator: groups.replicator,
    config: { orb: { listen: [`iiop://${HOST}:0`] } },
  });
  t.teardown(() => orb.destroy());
  const activator = new Activator({
    orb,
    lanes: {},
    pool: undefined,
    names: { bind: () => Promise.resolve(), unbind: () => Promise.resolve() },
    naming: undefined,
    clock: systemClock,
    logger: noLogger,
    peer,
    discovery: undefined,
    groups,
    qos: undefined,
    placing: () => undefined,
    instance: peer,
    ...more,
  });
  return { groups, activator };
}

test("a replica that cannot be made gives back what was reserved for it, and its servant ends", async (t) => {
  const reserved: string[] = [];
  const told: Placing["kind"][] = [];
  const { groups, activator } = await siteOf(t, "here", {
    qos: {
      reserve: ({ name }) => {
        reserved.push(name);
        const release = (): Promise<void> => {
          reserved.splice(reserved.indexOf(name), 1);
          return Promise.resolve();
        };
        return Promise.resolve({ path: `/${name}`, release });
      },
    },
    placing: ({ kind }) => void told.push(kind),
  });
  const replication = {
    members: [groups.address],
    style: "cold-passive",
    durable: true,
    qos: { cpuPercent: 10, groupPercent: 5 },
  } as const;
  // This peer has no store for its log.
  await t.throwsAsync(activator.activate({ ...SPEC, replication }, WANTED), {
    message: /durable needs a store/,
  });
  t.deepEqual(told, ["requested", "admitted", "reserved"]);
  t.deepEqual(reserved, []);
  t.is(ended.length, 1);
  // With what it needs it comes to life, and its end gives back the same.
  const { durable: _, ...plain } = replication;
  const service = await activator.activate({ ...SPEC, replication: plain }, WANTED);
  t.deepEqual(reserved, ["bank", "bank.group"]);
  await service.withdraw();
  await service.deactivate();
  t.deepEqual(reserved, []);
  t.is(ended.length, 2);
});

for (const isRemoved of [false, true])
  test(`a client of a replica that ${isRemoved ? "was removed, and then " : ""}ends is served by the others, if it was idle meanwhile or is calling`, async (t) => {
    const sites = await Promise.all(["one", "two", "three"].map((peer) => siteOf(t, peer)));
    const members = sites.map(({ groups }) => groups.address);
    const services = await Promise.all(
      sites.map(({ activator }) =>
        activator.activate({ ...SPEC, replication: { members } }, WANTED),
      ),
    );
    const client = await ORB_init([], { config: { orb: { listen: [] } } });
    t.teardown(() => client.destroy());
    const [first] = services;
    if (first === undefined) return t.fail();
    const books = Bank.Books.uncheckedNarrow(await client.string_to_object(first.reference));
    if (books === null) return t.fail();
    await books.add("before", "till", 1n);
    let isOver = false;
    const calling = (async (): Promise<number> => {
      let count = 0;
      for (; !isOver; count++) await books.add(`while ${count}`, "till", 1n);
      return count;
    })();
    const idler = await ORB_init([], { config: { orb: { listen: [] } } });
    t.teardown(() => idler.destroy());
    const idle = Bank.Books.uncheckedNarrow(await idler.string_to_object(first.reference));
    await idle?.balance("till");
    // As orbweaver group does.
    const door = sites[0]?.groups.replicator.doors.get("bank");
    if (isRemoved && door !== undefined) await retire(door, AbortSignal.timeout(LIMIT_MS));
    await first.withdraw();
    await first.deactivate();
    isOver = true;
    const count = await calling;
    t.is((await idle?.lines(1))?.length, 1 + count);
    await books.add("after", "till", 1n);
    t.is(await idle?.balance("till"), BigInt(count + 2));
    // It may come again.
    const again = { ...SPEC, replication: { members: members.slice(1), joins: true } };
    const back = await sites[0]?.activator.activate(again, WANTED);
    const there = Bank.Books.uncheckedNarrow(await client.string_to_object(back?.reference ?? ""));
    await there?.add("again", "till", 1n);
    t.is(await idle?.balance("till"), BigInt(count + 3));
  });

test("a replica that waits for the others of its group gives up when it is not wanted any more, and says for whom", async (t) => {
  const { groups, activator } = await siteOf(t, "here");
  const wanted = new AbortController();
  const members = [groups.address, `${HOST}:1`];
  const waiting = activator.activate({ ...BANK, replication: { members } }, wanted.signal);
  wanted.abort(new Error("it was told to stop"));
  const error = await t.throwsAsync(waiting);
  t.is(
    error?.message,
    `the replica of group "bank" at ${groups.address} is still joining: no answer of ${HOST}:1`,
  );
  // Nothing of it is left: it may be tried again.
  const alone = { ...BANK, replication: { members: [groups.address] } };
  await (await activator.activate(alone, WANTED)).deactivate();
});
