// What becomes of connections: peers that stop, die, come back, close when idle, or send callers elsewhere.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { ExecutionContext } from "ava";
import {
  COMM_FAILURE,
  type ObjectReference,
  type ORB,
  ORB_init,
  TIMEOUT,
  TRANSIENT,
  type Transport,
} from "../../orb/index.ts";
import { alternateAddressesOf, iiopProfilesOf, iorFromString } from "../../orb/ior/index.ts";
import { tcpTransport } from "../../orb/transport/index.ts";
import { findPeers, type Peers } from "../support/omniorb.ts";
import { CHECKS, runChecks } from "./checks/all.ts";
import { given } from "./checks/check.ts";
import { runCppClient, type Server, startCppServer } from "./cpp-peers.ts";
import * as Interop from "./gen/Interop.ts";
import { declareCheck, declareGroup } from "./results.ts";
import { startTsServer } from "./ts-peers.ts";

const peers = await findPeers();

type Body = (t: ExecutionContext, peers: Peers) => Promise<void>;

function declare(name: string, body: Body): void {
  declareCheck(`connections/${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

function portOf(server: Server): number {
  const [profile] = iiopProfilesOf(iorFromString(server.ior));
  if (profile === undefined) throw new RangeError("no IIOP profile");
  return profile.port;
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function rootAt(orb: ORB, url: string): Promise<Interop.Root> {
  const reference: ObjectReference = given(await orb.string_to_object(url));
  return given(await Interop.Root.narrow(reference));
}

declare("stopped_peer", async (t, found) => {
  await using server = await startCppServer(found);
  await using orb = await ORB_init();
  const primitives = given(await (await rootAt(orb, server.ior))._get_of_primitives());
  await primitives.ping();
  server.process.kill("SIGSTOP");
  // The signal takes a moment to get there.
  const untilLate = async (): Promise<never> => {
    for (;;) await primitives.ping({ timeoutMs: 300 });
  };
  const error = await t.throwsAsync(untilLate(), { instanceOf: TIMEOUT });
  t.regex(error?.message ?? "", /^ping on 127\.0\.0\.1:\d+ after \d+ ms: the limit of 300 ms/);
  server.process.kill("SIGCONT");
  await primitives.ping();
});

declare("killed_peer", async (t, found) => {
  await using orb = await ORB_init();
  // An address of its own: nobody else takes the port while nobody listens. The port is given each time, because only
  // then omniORB sets SO_REUSEADDR.
  const host = "127.0.0.77";
  const place = `${host}:${await freePort(host)}`;
  const server = await startCppServer(found, [], place);
  const root = await rootAt(orb, `corbaloc:iiop:1.2@${place}/interop`);
  const parking = given(await root._get_of_parking());
  const parked = parking.park("killed");
  await parking.wait_parked("killed");
  server.process.kill("SIGKILL");
  const error = await t.throwsAsync(parked, { instanceOf: COMM_FAILURE });
  t.is(error?.completed, "COMPLETED_MAYBE");
  await server[Symbol.asyncDispose]();
  const refused = await t.throwsAsync(root.named("names"), { instanceOf: TRANSIENT });
  t.is(refused?.completed, "COMPLETED_NO");
  // Another process at the same place: the reference leads there.
  await using again = await startCppServer(found, [], place);
  void again;
  await given(await root._get_of_primitives()).ping();
});

declare("idle_close", async (t, found) => {
  // The server sends CloseConnection to who is silent for a second; the next call opens another connection.
  const idle = ["-ORBscanGranularity", "1", "-ORBinConScanPeriod", "1", "-ORBtraceLevel", "25"];
  await using server = await startCppServer(found, idle);
  await using orb = await ORB_init();
  const primitives = given(await (await rootAt(orb, server.ior))._get_of_primitives());
  await primitives.ping();
  await server.process.match(/Scavenger close connection/, undefined, "errors");
  for (let i = 0; i < 10; i++) await primitives.ping();
  t.true(orb._connectionCounts.opened >= 1);
});

declare("addresses.ts_client", async (t, found) => {
  await using server = await startCppServer(found);
  await using orb = await ORB_init();
  const url = `corbaloc:iiop:1.2@127.0.0.1:1,iiop:1.2@127.0.0.1:${portOf(server)}/interop`;
  const root = await rootAt(orb, url);
  t.is(await given(await root._get_of_primitives()).flip_octet(1), 254);
});

declare("addresses.omniorb_client", async (t, found) => {
  await using server = await startTsServer();
  const url = `corbaloc:iiop:1.2@127.0.0.1:1,iiop:1.2@127.0.0.1:${portOf(server)}/interop`;
  const outcomes = await runCppClient(found, url, ["primitives."]);
  t.true(outcomes.size > 10);
  t.deepEqual(
    [...outcomes].filter(([, why]) => why !== undefined),
    [],
  );
});

// The first address of a reference refuses; the others stand behind it in its one profile.
declare("alternates.omniorb_client", async (t, found) => {
  const publish = ["-ORBPublish", "127.0.0.1:1;127.0.0.1:{port}"];
  await using server = await startTsServer(publish);
  const outcomes = await runCppClient(found, server.ior, ["primitives."]);
  t.true(outcomes.size > 10);
  t.deepEqual(
    [...outcomes].filter(([, why]) => why !== undefined),
    [],
  );
});

declare("alternates.ts_client", async (t, found) => {
  // omniORB writes its first endpoint into the profile and the second as an alternate address.
  await using server = await startCppServer(found, ["-ORBendPoint", "giop:tcp:127.0.0.1:"]);
  const [profile] = iiopProfilesOf(iorFromString(server.ior));
  const [alternate] = alternateAddressesOf(profile?.components ?? []);
  t.truthy(alternate);
  const tried: number[] = [];
  const transport: Transport = {
    ...tcpTransport,
    connect: (to, signal) => {
      tried.push(to.port);
      const isFirst = to.port === profile?.port;
      return tcpTransport.connect(isFirst ? { ...to, port: 1 } : to, signal);
    },
  };
  await using orb = await ORB_init([], { transport });
  const root = await rootAt(orb, server.ior);
  t.is(await given(await root._get_of_primitives()).flip_octet(1), 254);
  t.deepEqual(new Set(tried), new Set([profile?.port, alternate?.port]));
});

declare("ipv6.omniorb_client", async (t, found) => {
  await using server = await startTsServer(["-ORBListenEndpoints", "iiop://[::1]:0"]);
  const outcomes = await runCppClient(found, server.ior, ["primitives."]);
  t.true(outcomes.size > 10);
  t.deepEqual(
    [...outcomes].filter(([, why]) => why !== undefined),
    [],
  );
});

declare("ipv6.ts_client", async (t, found) => {
  await using server = await startCppServer(found, [], "[::1]:");
  await using orb = await ORB_init();
  const root = await rootAt(orb, server.ior);
  t.is(await given(await root._get_of_primitives()).flip_octet(1), 254);
});

// Our server sends its callers on to omniORB's; the calls end up there.
for (const minor of [0, 1, 2]) {
  const url = (server: Server): string =>
    `corbaloc:iiop:1.${minor}@127.0.0.1:${portOf(server)}/forwarded`;
  declareGroup(
    `connections/forwarded-omniorb-client-1.${minor}`,
    peers &&
      (async (names) => {
        await using target = await startCppServer(peers);
        await using server = await startTsServer(["--forward", target.ior]);
        return await runCppClient(peers, url(server), names);
      }),
  );
  declareGroup(
    `connections/forwarded-ts-client-1.${minor}`,
    peers &&
      (async (names) => {
        await using target = await startCppServer(peers);
        await using server = await startTsServer(["--forward", target.ior]);
        await using orb = await ORB_init();
        orb.rootPOA.the_POAManager.activate();
        return await runChecks(CHECKS, { orb, root: await rootAt(orb, url(server)) }, names);
      }),
  );
}
