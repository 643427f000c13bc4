// The redirecting interceptor, over memory: which failures it follows, and that nothing is executed twice.
import test from "ava";
import { TargetTable } from "../../../interceptors/index.ts";
import {
  COMM_FAILURE,
  Completion,
  MemoryTransport,
  TRANSIENT,
  UNKNOWN,
} from "../../../orb/index.ts";
import { Refused, sample } from "../../support/sample.ts";
import { clientOf, Server } from "./support.ts";

async function scene(
  t: Parameters<typeof Server.start>[0],
  options: { readonly mayRepeat?: () => boolean } = {},
): Promise<{
  readonly servers: readonly [Server, Server, Server];
  readonly client: Awaited<ReturnType<typeof clientOf>>;
  readonly table: TargetTable;
}> {
  const transport = new MemoryTransport();
  const table = new TargetTable();
  const servers = [
    await Server.start(t, transport, "one"),
    await Server.start(t, transport, "two"),
    await Server.start(t, transport, "three"),
  ] as const;
  const client = await clientOf(t, transport, { targets: table, ...options });
  table.set("object", { targets: await Promise.all(servers.map((server) => client.to(server))) });
  return { servers, client, table };
}

test("a server that is gone between calls: the next one goes to the first target, without an exception", async (t) => {
  const { servers, client } = await scene(t);
  const reference = await client.to(servers[0]);
  t.is(await sample.echo(reference, "x"), "one");
  t.is(client.redirection.redirectedCount, 0);
  await servers[0].crash();
  t.is(await sample.echo(reference, "x"), "two");
  t.is(await sample.echo(reference, "x"), "two");
  t.is(client.redirection.redirectedCount, 1, "the reference remembers where it was forwarded to");
});

test("a target that is gone, too, is passed: each is tried once in a call", async (t) => {
  const { servers, client } = await scene(t);
  const reference = await client.to(servers[0]);
  t.is(await sample.echo(reference, "x"), "one");
  await servers[0].crash();
  await servers[1].crash();
  t.is(await sample.echo(reference, "x"), "three");
  await servers[2].crash();
  const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
  t.is((error as TRANSIENT).completed, Completion.no);
});

test("when the target fails that a call was redirected to, the next one goes to another", async (t) => {
  const { servers, client } = await scene(t);
  const reference = await client.to(servers[0]);
  await servers[0].crash();
  t.is(await sample.echo(reference, "x"), "two");
  await servers[1].crash();
  t.is(await sample.echo(reference, "x"), "three");
});

test("a call that was under way when the server died is not sent again: nobody knows if it was executed", async (t) => {
  const { servers, client } = await scene(t);
  const reference = await client.to(servers[0]);
  const call = sample.park(reference);
  await servers[0].servant.called(1);
  await servers[0].crash();
  const error = await t.throwsAsync(call, { instanceOf: COMM_FAILURE });
  t.is((error as COMM_FAILURE).completed, Completion.maybe);
  t.is(client.redirection.redirectedCount, 0);
  t.is(await sample.echo(reference, "x"), "two", "the next one goes on");
});

test("with the caller's leave it is sent again, elsewhere", async (t) => {
  const asked: string[] = [];
  const { servers, client, table } = await scene(t, {
    mayRepeat: (...[call]: readonly { readonly operation: string }[]) => {
      asked.push(call?.operation ?? "");
      return true;
    },
  });
  const reference = await client.to(servers[0]);
  const call = sample.park(reference);
  await servers[0].servant.called(1);
  await servers[0].crash();
  await servers[1].servant.called(1);
  for (const end of servers[1].servant.parked) end();
  await call;
  t.deepEqual(asked, ["park"]);
  t.deepEqual(table.objects, ["object"]);
});

test("a connection that breaks while its server lives makes no second execution", async (t) => {
  const { servers, client } = await scene(t);
  const reference = await client.to(servers[0]);
  const call = sample.park(reference);
  await servers[0].servant.called(1);
  servers[0].cut();
  await t.throwsAsync(call, { instanceOf: COMM_FAILURE });
  t.deepEqual(servers[0].servant.calls, ["park"]);
  t.deepEqual([...servers[1].servant.calls, ...servers[2].servant.calls], []);
});

test("what the server itself raises is the program's: user exceptions, and system exceptions of other kinds", async (t) => {
  const { servers, client } = await scene(t, { mayRepeat: () => true });
  const reference = await client.to(servers[0]);
  await t.throwsAsync(sample.refuse(reference, "no"), { instanceOf: Refused });
  await t.throwsAsync(sample.refuse(reference, "crash"), { instanceOf: UNKNOWN });
  t.is(client.redirection.redirectedCount, 0);
});

test("a place that is known to be gone is not even tried", async (t) => {
  const { servers, client, table } = await scene(t);
  const [one, two] = await Promise.all(servers.map((server) => client.to(server)));
  if (one === undefined || two === undefined) throw new TypeError("no references");
  table.set("object", { targets: [two], gone: [one] });
  t.is(await sample.echo(one, "x"), "two");
  t.deepEqual(servers[0].servant.calls, []);
  table.set("object", { targets: [one, two] });
  t.is(await sample.echo(await client.to(servers[0]), "x"), "one", "it is back");
});

test("objects that the table does not know fail as they do without it", async (t) => {
  const { servers, client, table } = await scene(t);
  table.delete("object");
  t.deepEqual(table.objects, []);
  t.false(table.knowsGone);
  const reference = await client.to(servers[0]);
  await servers[0].crash();
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
});

test("two objects at the same places have each their own targets", async (t) => {
  const { servers, client, table } = await scene(t);
  const [one, two, three] = await Promise.all(servers.map((server) => client.to(server)));
  if (one === undefined || two === undefined || three === undefined) throw new TypeError("nil");
  table.delete("object");
  table.set("first", { targets: [one, three] });
  table.set("second", { targets: [two, one] });
  await servers[1].crash();
  t.is(await sample.echo(two, "x"), "one");
  t.deepEqual(table.objects, ["first", "second"]);
});
