import test from "ava";
import { noLogger, systemClock } from "../../../orb/base/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { PeerGroups, type Placing } from "../../../services/peer-groups/index.ts";
import { Activator, type ServiceSpec } from "../../../services/peer/index.ts";
import { ended } from "./ending-servant.ts";

const HOST = "127.0.0.1";
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

test("a replica that cannot be made gives back what was reserved for it, and its servant ends", async (t) => {
  const groups = await PeerGroups.open({
    table: { enabled: true, port: 0, checksHosts: true },
    host: HOST,
    site: "here",
    clock: systemClock,
    logger: noLogger,
  });
  t.teardown(() => groups[Symbol.asyncDispose]());
  const orb = await ORB_init([], {
    replicator: groups.replicator,
    config: { orb: { listen: [`iiop://${HOST}:0`] } },
  });
  t.teardown(() => orb.destroy());
  const reserved: string[] = [];
  const told: Placing["kind"][] = [];
  const activator = new Activator({
    orb,
    lanes: {},
    pool: undefined,
    names: { bind: () => Promise.resolve(), unbind: () => Promise.resolve() },
    naming: undefined,
    logger: noLogger,
    peer: "here",
    discovery: undefined,
    groups,
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
    instance: "here",
  });
  const replication = {
    members: [groups.address],
    style: "cold-passive",
    durable: true,
    qos: { cpuPercent: 10, groupPercent: 5 },
  } as const;
  // This peer has no store for its log.
  await t.throwsAsync(activator.activate({ ...SPEC, replication }), {
    message: /durable needs a store/,
  });
  t.deepEqual(told, ["requested", "admitted", "reserved"]);
  t.deepEqual(reserved, []);
  t.is(ended.length, 1);
  // With what it needs it comes to life, and its end gives back the same.
  const { durable: _, ...plain } = replication;
  const service = await activator.activate({ ...SPEC, replication: plain });
  t.deepEqual(reserved, ["bank", "bank.group"]);
  await service.withdraw();
  await service.deactivate();
  t.deepEqual(reserved, []);
  t.is(ended.length, 2);
});
