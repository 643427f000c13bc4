import { readdirSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { loadNative } from "../../../native/index.ts";
import {
  type Channel,
  InvalidPolicy,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  PassedOnChannel,
  type ChannelOptions,
  type Transport,
} from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { Lines } from "../lanes/laned.ts";
import { lanePool, pair, PrioritySample } from "./support.ts";
import { seer, threads } from "./threads.ts";

/** Memory whose connections remember what they were set to; `dontRoute` they cannot. */
class Noting implements Transport {
  readonly #memory: Transport;
  readonly #into: ChannelOptions[];

  constructor(memory: Transport, into: ChannelOptions[]) {
    this.#memory = memory;
    this.#into = into;
  }

  #noting(channel: Channel): Channel {
    const into = this.#into;
    return new (class extends PassedOnChannel {
      override configure(options: ChannelOptions): readonly (keyof ChannelOptions)[] {
        into.push(options);
        return options.dontRoute === true ? ["dontRoute"] : [];
      }
    })(channel, {});
  }

  async connect(...args: Parameters<Transport["connect"]>): Promise<Channel> {
    return this.#noting(await this.#memory.connect(...args));
  }

  async listen(
    at: Parameters<Transport["listen"]>[0],
    accept: Parameters<Transport["listen"]>[1],
  ): ReturnType<Transport["listen"]> {
    return await this.#memory.listen(at, (channel) => accept(this.#noting(channel)));
  }
}

interface Noted {
  readonly server: ORB;
  readonly client: ORB;
  readonly accepted: ChannelOptions[];
  readonly opened: ChannelOptions[];
  readonly log: Lines;
  readonly far: (reference: ObjectReference) => Promise<ObjectReference>;
}

async function noted(t: ExecutionContext): Promise<Noted> {
  const memory = new MemoryTransport();
  const [accepted, opened]: [ChannelOptions[], ChannelOptions[]] = [[], []];
  const log = new Lines();
  const all = await pair(
    t,
    { transport: new Noting(memory, accepted), logger: log },
    { transport: new Noting(memory, opened), logger: log },
  );
  return { ...all, accepted, opened, log };
}

const iiop = (orb: ORB, ...tcp: Parameters<ORB["rt"]["create_tcp_protocol_properties"]>) => ({
  protocol_type: 0,
  orb_protocol_properties: null,
  transport_protocol_properties: orb.rt.create_tcp_protocol_properties(...tcp),
});

test("serverProtocols: what clients open to the POA's endpoints is set to its TCP properties, and to no others", async (t) => {
  const { server, far, accepted, log } = await noted(t);
  const pool = await lanePool(server, [5_000, 15_000]);
  const model = { model: "SERVER_DECLARED", priority: 15_000 } as const;
  const options = { threadpool: pool, priorityModel: model, idUniqueness: "MULTIPLE_ID" } as const;
  const set = await server.rootPOA.createPoa("set", {
    ...options,
    serverProtocols: [iiop(server, 8_192, 0, false, true, false)],
  });
  const plain = await server.rootPOA.createPoa("plain");
  const servant = new PrioritySample(server);
  await sample.echo(await far(await plain.activate(servant)), "x");
  t.deepEqual(accepted, [], "the ORB's own endpoint is none of the pool's");
  await sample.echo(await far(await set.activate(servant)), "x");
  t.deepEqual(accepted, [
    { sendBufferOctets: 8_192, keepAlive: false, dontRoute: true, noDelay: false },
  ]);
  t.is(log.count(/warn TCP properties of accepted connections are not set/), 1);
  await t.throwsAsync(
    server.rootPOA.createPoa("other", {
      ...options,
      serverProtocols: [iiop(server, 9_000, 0, true, false, true)],
    }),
    {
      instanceOf: InvalidPolicy,
      message: /POA "set" has other TCP properties for the same endpoint/,
    },
  );
  await set.destroy(true, true);
  const other = await server.rootPOA.createPoa("other", {
    ...options,
    serverProtocols: [iiop(server, 9_000, 0, true, false, true)],
  });
  await other.destroy(true, true);
  const manager = await server.rootPOA.the_POAManagerFactory.createManager("mine", {
    listen: ["iiop://127.0.0.1:0"],
  });
  manager.activate();
  accepted.length = 0;
  const own = await server.rootPOA.createPoa("own", {
    manager,
    serverProtocols: [iiop(server, 0, 7_000, true, false, true)],
  });
  await sample.echo(await far(await own.activate(new PrioritySample(server))), "x");
  t.deepEqual(accepted, [
    { receiveBufferOctets: 7_000, keepAlive: true, dontRoute: false, noDelay: true },
  ]);
});

test("clientProtocols: calls go over connections of their own, which are set before the first of them", async (t) => {
  const { server, client, far, opened, log } = await noted(t);
  const servant = new PrioritySample(server);
  const reference = await far(await server.rootPOA.activate(servant));
  await sample.echo(reference, "x");
  t.deepEqual(opened, []);
  const small = client.rt.create_client_protocol_policy([
    iiop(client, 4_096, 4_096, true, false, true),
  ]);
  const tuned = reference._set_policy_overrides([small], "SET_OVERRIDE");
  await sample.echo(tuned, "x");
  await sample.echo(tuned, "x");
  t.deepEqual(opened, [
    {
      sendBufferOctets: 4_096,
      receiveBufferOctets: 4_096,
      keepAlive: true,
      dontRoute: false,
      noDelay: true,
    },
  ]);
  const usual = client.rt.create_client_protocol_policy([iiop(client, 0, 0, true, false, true)]);
  await sample.echo(reference._set_policy_overrides([usual], "SET_OVERRIDE"), "x");
  t.is(opened.length, 1, "what holds anyway needs no other connection");
  client.policyManager.set_policy_overrides(
    [client.rt.create_client_protocol_policy([iiop(client, 0, 0, true, true, true)])],
    "ADD_OVERRIDE",
  );
  await sample.echo(reference, "x");
  t.deepEqual(opened.at(-1), { keepAlive: true, dontRoute: true, noDelay: true });
  t.is(log.count(/warn TCP properties of a client's protocol are not set/), 1);
});

test("clientProtocols of a POA: its references say them, and clients keep to them", async (t) => {
  const { server, client, far, opened } = await noted(t);
  const poa = await server.rootPOA.createPoa("p", {
    clientProtocols: [iiop(server, 6_000, 0, true, false, true)],
  });
  const reference = await far(await poa.activate(new PrioritySample(server)));
  t.truthy(client.rt);
  await sample.echo(reference, "x");
  t.deepEqual(opened, [
    { sendBufferOctets: 6_000, keepAlive: true, dontRoute: false, noDelay: true },
  ]);
});

test.serial("lanes of threads: what clients open to a lane is set there", async (t) => {
  const sockets = loadNative()?.sockets;
  if (sockets === undefined) {
    t.pass("no addon");
    return;
  }
  const { server, far, pool } = await threads(t);
  const size = 43_210;
  const poa = await server.rootPOA.createPoa("p", {
    idAssignment: "USER_ID",
    threadpool: pool,
    priorityModel: { model: "SERVER_DECLARED", priority: 15_000 },
    serverProtocols: [iiop(server, size, 0, true, false, true)],
  });
  await sample.echo(await far(await poa.activateModule("a", seer)), "x");
  const sizes = readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      return [sockets.get(Number(descriptor), "sendBufferOctets")];
    } catch {
      return [];
    }
  });
  t.is(sizes.filter((each) => each === 2 * size).length, 1, "the kernel doubles it");
});
