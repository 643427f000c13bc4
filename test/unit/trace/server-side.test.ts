import { subscribe, unsubscribe } from "node:diagnostics_channel";
import test, { type ExecutionContext } from "ava";
import {
  type ConnectionTrace,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  type OrbInitOptions,
  POAManager,
  type ServerRequestTrace,
  TRANSIENT,
} from "../../../orb/index.ts";
import { PrometheusMetrics } from "../../../services/node/index.ts";
import { Sample, sample } from "../../support/sample.ts";

/** A measured server and a client over memory. */
async function scene(
  t: ExecutionContext,
  config: NonNullable<OrbInitOptions["config"]> = {},
): Promise<{
  readonly server: ORB;
  readonly transport: MemoryTransport;
  readonly measured: (line: string) => Promise<void>;
  readonly far: (reference: ObjectReference, from?: ORB) => Promise<ObjectReference>;
}> {
  const transport = new MemoryTransport();
  const metrics = new PrometheusMetrics();
  const server = await ORB_init([], { transport, metrics, config });
  server.rootPOA.the_POAManager.activate();
  const client = await ORB_init([], { transport });
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  return {
    server,
    transport,
    measured: async (line) => {
      const text = await metrics.registry.metrics();
      t.true(text.split("\n").includes(line), `${line} in\n${text}`);
    },
    far: async (reference, from = client) => {
      const there = await from.string_to_object(server.object_to_string(reference));
      if (there === null) throw new TypeError("nil");
      return there;
    },
  };
}

/** What a channel is told until the test ends. */
function heard<T>(
  t: ExecutionContext,
  name: string,
): { readonly all: T[]; next: () => Promise<T> } {
  const all: T[] = [];
  const waiting: ((message: T) => void)[] = [];
  const listen = (message: unknown): void => {
    all.push(message as T);
    for (const tell of waiting.splice(0)) tell(message as T);
  };
  subscribe(name, listen);
  t.teardown(() => void unsubscribe(name, listen));
  return { all, next: () => new Promise((resolve) => waiting.push(resolve)) };
}

class Failing extends Sample {
  override fire(): void {
    throw new TRANSIENT("not now");
  }
}

test.serial("a oneway has an end, with what nobody else hears: how it went", async (t) => {
  const { server, far, measured } = await scene(t);
  const starts = heard<ServerRequestTrace>(t, "orbweaver:server:start");
  const ends = heard<ServerRequestTrace>(t, "orbweaver:server:end");
  let over = ends.next();
  await sample.fire(await far(await server.rootPOA.activate(new Sample())), 1);
  await over;
  over = ends.next();
  await sample.fire(await far(await server.rootPOA.activate(new Failing())), 2);
  await over;
  const gone = await server.rootPOA.activate(new Sample());
  const dead = await far(gone);
  server.rootPOA.deactivate_object(server.rootPOA.reference_to_id(gone));
  over = ends.next();
  await sample.fire(dead, 3);
  await over;
  t.deepEqual(
    ends.all.map(({ operation, isAnswered, outcome }) => [operation, isAnswered, outcome]),
    [
      ["fire", false, "NO_EXCEPTION"],
      ["fire", false, "SYSTEM_EXCEPTION"],
      ["fire", false, "SYSTEM_EXCEPTION"],
    ],
  );
  t.deepEqual(starts.all, ends.all);
  t.true(ends.all.every(({ elapsedMs = -1 }) => elapsedMs >= 0));
  await measured('orbweaver_server_oneways_total{operation="fire",outcome="NO_EXCEPTION"} 1');
  await measured('orbweaver_server_oneways_total{operation="fire",outcome="SYSTEM_EXCEPTION"} 2');
  await measured("orbweaver_server_requests_in_progress 0");
});

test.serial(
  "requests that a POA manager holds are measured until it says what becomes of them",
  async (t) => {
    const { server, far, measured } = await scene(t);
    const manager = new POAManager("slow");
    const poa = await server.rootPOA.createPoa("held", { manager });
    const held = await far(await poa.activate(new Sample()));
    const fence = await far(await server.rootPOA.activate(new Sample()));
    const given = new AbortController();
    const calls = [sample.echo(held, "a"), sample.echo(held, "b")];
    const cancelled = t.throwsAsync(sample.echo(held, "c", { signal: given.signal }));
    await sample.echo(fence, "behind them");
    await measured("orbweaver_held_requests 3");
    given.abort();
    await cancelled;
    await sample.echo(fence, "behind the CancelRequest");
    await measured("orbweaver_held_requests 2");
    manager.activate();
    t.deepEqual(await Promise.all(calls), ["a", "b"]);
    await measured("orbweaver_held_requests 0");
  },
);

test.serial(
  "a connection beyond the limit is told and counted as refused, and not as opened",
  async (t) => {
    const { server, transport, far, measured } = await scene(t, { orb: { maxConnections: 1 } });
    const refused = heard<ConnectionTrace>(t, "orbweaver:connection:refuse");
    const reference = await server.rootPOA.activate(new Sample());
    await sample.echo(await far(reference), "the one that is served");
    const other = await ORB_init([], { transport });
    t.teardown(() => other.destroy());
    await t.throwsAsync(sample.echo(await far(reference, other), "one too many"), {
      instanceOf: TRANSIENT,
    });
    t.true(refused.all.length > 0);
    t.true(refused.all.every(({ side, peer }) => side === "server" && peer !== ""));
    await measured(`orbweaver_connections_refused_total ${refused.all.length}`);
    await measured('orbweaver_connections_total{side="server"} 1');
  },
);
