import { createInterface } from "node:readline";
import { inspect } from "node:util";
import { type Logger, ORB_init } from "../../../orb/index.ts";
import { openTcpCarrier, openGroupHost } from "../../../services/group-net/index.ts";
import { LmdbGroupStores } from "../../../services/group-store/index.ts";
import {
  type Door,
  type Entry,
  type Group,
  PlainState,
  replicator,
} from "../../../services/replication/index.ts";
import { BankServant } from "../bank/index.ts";
import type { Order, ProgramOptions, Said } from "./words.ts";

const LOCAL = "127.0.0.1";
const READS: readonly string[] = ["balance", "lines"];
/** Beyond the patience of the tests. */
const READY_MS = 60_000;

function say(what: Said): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

function logger(): Logger {
  const line =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      say({ said: "log", level, message, fields: inspect(fields, { breakLength: Infinity }) });
  return { debug: () => undefined, info: line("info"), warn: line("warn"), error: line("error") };
}

function sayStanding(group: Group): void {
  const { standing, view, self } = group;
  say({
    said: "standing",
    self,
    at: standing.at,
    view: view?.view.number ?? 0,
    primary: view?.view.primary ?? "",
    members: view?.members.map(({ id }) => id) ?? [],
  });
}

function watch(group: Group): void {
  group.watch((news) => {
    if (news.kind === "failed") say({ said: "failed", error: String(news.error) });
    else if (news.kind === "rejoining") say({ said: "rejoining" });
    else sayStanding(group);
  });
}

function sayBooks({ tokens, balances }: BankServant, door: Door | undefined): void {
  const told = [...balances].map(([account, balance]) => [account, String(balance)] as const);
  say({
    said: "books",
    tokens,
    balances: Object.fromEntries(told),
    sentCount: door?.sentCount ?? 0,
  });
}

async function main(options: ProgramOptions): Promise<void> {
  const {
    site,
    host: at = LOCAL,
    port = 0,
    hostPort = 0,
    publishedHostPort,
    settings,
    times,
    policy,
  } = options;
  const carrier = await openTcpCarrier({
    host: at,
    port: hostPort,
    ...(publishedHostPort === undefined ? {} : { publishedPort: publishedHostPort }),
    logger: logger(),
  });
  const stores =
    options.folder === undefined ? undefined : await LmdbGroupStores.open(options.folder);
  const host = openGroupHost({
    carrier,
    site,
    logger: logger(),
    ...(stores === undefined ? {} : { witnessStore: stores.witness }),
  });
  let entry: Entry = { by: "founding" };
  let group: Group | undefined;
  let door: Door | undefined;
  const groups = replicator({
    host,
    entry: () => entry,
    joined: (made) => {
      door = made;
      group = door.group;
      watch(group);
    },
    details: {
      digestEvery: options.digestEvery ?? 0,
      diverged: (fault) => say({ said: "diverged", fault: JSON.stringify(fault) }),
      ...(settings === undefined ? {} : { settings }),
      ...(times === undefined ? {} : { times }),
    },
    ...(stores === undefined ? {} : { store: (group: string) => stores.member(group) }),
    ...(options.witness === undefined ? {} : { witness: () => options.witness }),
  });
  const orb = await ORB_init([], {
    config: { orb: { listen: [`iiop://${at}:${port}`] } },
    replicator: groups,
  });
  const servant = new BankServant(options.ballastOctets);
  const { stallMs } = options;
  if (stallMs !== undefined) {
    const add = servant.add.bind(servant);
    servant.add = (...args) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
      return add(...args);
    };
  }
  /** Without a door: nobody is sent to another replica. */
  const bare = (): Group => {
    const joined = host.join({
      group: "bank",
      entry,
      state: new PlainState(new Map([["books", servant]])),
      isRead: (operation) => READS.includes(operation),
      ...(settings === undefined ? {} : { settings }),
      ...(times === undefined ? {} : { times }),
    });
    watch(joined);
    return joined;
  };
  const join = async (): Promise<void> => {
    const oid = Buffer.from("books");
    const poa = await orb.rootPOA.createPoa("bank", {
      lifespan: "PERSISTENT",
      idAssignment: "USER_ID",
      ...(policy === undefined
        ? { gate: (group = bare()).gate }
        : { replication: { ...policy, reads: READS } }),
    });
    poa.activate_object_with_id(oid, servant);
    poa.the_POAManager.activate();
    const limit = AbortSignal.timeout(READY_MS);
    // A door is ready when its references name all members.
    if (policy === undefined) await group?.ready(limit);
    else await groups.ready("bank", limit);
    const reference = orb.object_to_string(poa.id_to_reference(oid));
    // The key of a persistent object: the same at all members.
    const own = `corbaloc:iiop:1.2@${at}:${orb.endpoints[0]?.port}/OWPbank%00%00books`;
    say({ said: "open", reference, own });
  };
  say({ said: "host", address: host.address });
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line) as Order;
    if (order.do === "books") sayBooks(servant, door);
    else if (order.do === "leave") await group?.leave();
    else if (order.do === "handOver") group?.handOver(order.to);
    else {
      entry = order.entry;
      await join();
    }
  }
  await host.close();
  await stores?.[Symbol.asyncDispose]();
  await orb.destroy();
}

await main(JSON.parse(process.argv[2] ?? "{}") as ProgramOptions);
