// Persistent references of a server that was stopped and started again at its address.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { ORB_init } from "../../orb/index.ts";
import { findPeers, type Peers } from "../support/omniorb.ts";
import { given } from "./checks/check.ts";
import { runCppClient, type Server, startCppServer } from "./cpp-peers.ts";
import * as Interop from "./gen/Interop.ts";
import { declareCheck } from "./results.ts";
import { startTsServer } from "./ts-peers.ts";

const peers = await findPeers();

async function freePlace(host: string): Promise<string> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `${host}:${port}`;
}

/** The persistent reference to a server's root, as a text. */
async function persistentOf(server: Server): Promise<string> {
  await using orb = await ORB_init([], { config: { orb: { listen: [] } } });
  const root = given(await Interop.Root.narrow(await orb.string_to_object(server.ior)));
  return orb.object_to_string(await root.named("poa.persistent"));
}

const startTs = (place: string): Promise<Server> =>
  startTsServer(["-ORBListenEndpoints", `iiop://${place}`]);

declareCheck("poa/restart.omniorb_client", peers !== undefined, async (t) => {
  const place = await freePlace("127.0.0.78");
  const first = await startTs(place);
  const reference = await persistentOf(first);
  await first[Symbol.asyncDispose]();
  await using again = await startTs(place);
  const outcomes = await runCppClient(peers as Peers, reference, ["primitives.ping"]);
  t.deepEqual([...outcomes], [["primitives.ping", undefined]]);
  t.truthy(again.ior);
});

declareCheck("poa/restart.ts_client", peers !== undefined, async (t) => {
  const place = await freePlace("127.0.0.79");
  const start = (): Promise<Server> => startCppServer(peers as Peers, [], place);
  const first = await start();
  const reference = await persistentOf(first);
  await first[Symbol.asyncDispose]();
  await using again = await start();
  await using orb = await ORB_init([], { config: { orb: { listen: [] } } });
  // omniORB's server makes its POAs when it is first asked for one of them.
  await given(await Interop.Root.narrow(await orb.string_to_object(again.ior))).named(
    "poa.persistent",
  );
  const root = given(await Interop.Root.narrow(await orb.string_to_object(reference)));
  await t.notThrowsAsync(given(await root._get_of_primitives()).ping());
});
