import { createInterface } from "node:readline";
import { inspect } from "node:util";
import { type Logger, ORB_init } from "../../../orb/index.ts";
import { openGiopCarrier, openGroupHost } from "../../../services/group-net/index.ts";
import { LmdbGroupStores } from "../../../services/group-store/index.ts";
import { type Group, PlainState } from "../../../services/replication/index.ts";
import { BankServant } from "../bank/index.ts";
import type { Order, ProgramOptions, Said } from "./words.ts";

const HOST = "127.0.0.1";

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

async function main(options: ProgramOptions): Promise<void> {
  const { site, port = 0, hostPort = 0, publishedHostPort, settings, times } = options;
  const carrier = await openGiopCarrier({
    host: HOST,
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
  const orb = await ORB_init([], { config: { orb: { listen: [`iiop://${HOST}:${port}`] } } });
  const servant = new BankServant(options.ballastOctets);
  const oid = Buffer.from("books");
  let group: Group | undefined;
  const obey = async (order: Order): Promise<void> => {
    if (order.do === "leave") return await group?.leave();
    if (order.do === "handOver") return group?.handOver(order.to);
    const { entry, witness } = order;
    const joined = host.join({
      group: "bank",
      entry,
      state: new PlainState(new Map([["books", servant]])),
      isRead: (operation) => operation === "balance" || operation === "lines",
      ...(witness === undefined ? {} : { witness }),
      ...(settings?.isDurable === true && stores !== undefined
        ? { store: stores.member("bank") }
        : {}),
      ...(settings === undefined ? {} : { settings }),
      ...(times === undefined ? {} : { times }),
    });
    group = joined;
    joined.watch((news) => {
      if (news.kind === "failed") say({ said: "failed", error: String(news.error) });
      else if (news.kind === "rejoining") say({ said: "rejoining" });
      else sayStanding(joined);
    });
    const poa = await orb.rootPOA.createPoa("bank", {
      lifespan: "PERSISTENT",
      idAssignment: "USER_ID",
      gate: joined.gate,
    });
    poa.activate_object_with_id(oid, servant);
    poa.the_POAManager.activate();
    const reference = orb.object_to_string(poa.id_to_reference(oid));
    joined.tell([{ tag: 0, data: Buffer.from(site) }]);
    say({ said: "open", reference });
  };
  say({ said: "host", address: host.address });
  for await (const line of createInterface({ input: process.stdin }))
    await obey(JSON.parse(line) as Order);
  await host.close();
  await stores?.[Symbol.asyncDispose]();
  await orb.destroy();
}

await main(JSON.parse(process.argv[2] ?? "{}") as ProgramOptions);
