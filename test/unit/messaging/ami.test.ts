import test from "ava";
import {
  ExceptionHolder,
  MARSHAL,
  MemoryTransport,
  NO_IMPLEMENT,
  OBJECT_NOT_EXIST,
  type ORB,
  ORB_init,
  UNKNOWN,
} from "../../../orb/index.ts";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import * as Ami from "../../interop/gen/Ami.ts";
import { Handler, Worker } from "../../interop/servants/ami.ts";

interface Joined extends AsyncDisposable {
  readonly server: ORB;
  readonly client: ORB;
  readonly worker: Ami.Worker;
  readonly servant: Worker;
}

async function joined(): Promise<Joined> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  const servant = new Worker("ours");
  const ior = server.object_to_string(await server.rootPOA.activate(servant));
  server.rootPOA.the_POAManager.activate();
  client.rootPOA.the_POAManager.activate();
  const worker = Ami.Worker.uncheckedNarrow(await client.string_to_object(ior));
  if (worker === null) throw new TypeError("nil");
  return {
    server,
    client,
    worker,
    servant,
    [Symbol.asyncDispose]: async () => {
      servant.release();
      await client.destroy();
      await server.destroy();
    },
  };
}

async function handlerIn(
  orb: ORB,
): Promise<{ handler: Handler; reference: Ami.AMI_WorkerHandler }> {
  const handler = new Handler();
  await orb.rootPOA.activate(handler);
  return { handler, reference: handler._this() };
}

/** What a handler is told of the usual calls, in their order. */
const TOLD: readonly string[] = [
  "work did this 5 ours",
  "work_excep Refused no 5",
  "work_excep NO_IMPLEMENT COMPLETED_YES",
  "set_level",
  "get_level 7",
  "get_name ours",
  "rest",
];

async function callAll(
  worker: Ami.Worker,
  to: Ami.AMI_WorkerHandler,
  handler: Handler,
): Promise<void> {
  const calls: readonly (() => void)[] = [
    () => worker.sendc_work(to, "this", 4),
    () => worker.sendc_work(to, "refuse", 5),
    () => worker.sendc_work(to, "crash", 6),
    () => worker.sendc_set_level(to, 7),
    () => worker.sendc_get_level(to),
    () => worker.sendc_get_name(to),
    () => worker.sendc_rest(to),
  ];
  for (const [index, call] of calls.entries()) {
    call();
    await handler.told(index + 1);
  }
}

test("answers of every kind reach a handler of the same ORB", async (t) => {
  await using pair = await joined();
  const { handler, reference } = await handlerIn(pair.client);
  await callAll(pair.worker, reference, handler);
  t.deepEqual(handler.lines, TOLD);
});

test("a handler in another process is called like any object", async (t) => {
  await using pair = await joined();
  const { handler, reference } = await handlerIn(pair.server);
  const text = pair.server.object_to_string(reference);
  const far = Ami.AMI_WorkerHandler.uncheckedNarrow(await pair.client.string_to_object(text));
  if (far === null) throw new TypeError("nil");
  await callAll(pair.worker, far, handler);
  t.deepEqual(handler.lines, TOLD);
  t.true(await far._is_a("IDL:omg.org/Messaging/ReplyHandler:1.0"));
  t.true(await far._is_a("IDL:Ami/AMI_NamedHandler:1.0"));
});

test("sendc_ returns at once, answers come in the order they come; without a handler nobody is told", async (t) => {
  await using pair = await joined();
  const { handler, reference } = await handlerIn(pair.client);
  pair.worker.sendc_work(reference, "park", 1);
  pair.worker.sendc_work(null, "refuse", 1);
  pair.worker.sendc_rest(reference);
  await handler.told(1);
  t.deepEqual(handler.lines, ["rest"]);
  await pair.worker.release();
  await handler.told(2);
  t.deepEqual(handler.lines, ["rest", "work did park 2 ours"]);
});

test("policies and options hold for asynchronous calls; TIMEOUT comes in the holder", async (t) => {
  await using pair = await joined();
  const { handler, reference } = await handlerIn(pair.client);
  pair.worker.sendc_work(reference, "park", 1, { timeoutMs: 5 });
  await handler.told(1);
  pair.worker._withPolicies({ relativeRoundtripTimeoutMs: 5 }).sendc_work(reference, "park", 1);
  await handler.told(2);
  t.deepEqual(handler.lines, Array(2).fill("work_excep TIMEOUT COMPLETED_MAYBE"));
});

test("a handler that is gone is a warning of the ORB, and no unhandled rejection", async (t) => {
  const transport = new MemoryTransport();
  const warned: unknown[] = [];
  let wake: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (wake = resolve));
  const log = {
    debug: () => undefined,
    info: () => undefined,
    error: () => undefined,
    warn: (_text: string, fields?: { readonly error?: unknown }) => {
      if (fields?.error === undefined) return;
      warned.push(fields.error);
      wake();
    },
  };
  await using orb = await ORB_init([], { transport, logger: log });
  const worker = Ami.Worker.uncheckedNarrow(await orb.rootPOA.activate(new Worker("ours")));
  orb.rootPOA.the_POAManager.activate();
  const { handler, reference } = await handlerIn(orb);
  orb.rootPOA.deactivate_object(orb.rootPOA.servant_to_id(handler));
  worker?.sendc_rest(reference);
  await waiting;
  t.true(warned[0] instanceof OBJECT_NOT_EXIST);
});

function holderOf(
  isSystem: boolean,
  littleEndian: boolean,
  write: (out: CdrOutput) => void,
): ExceptionHolder {
  const out = new CdrOutput({ littleEndian });
  write(out);
  const holder = new ExceptionHolder();
  holder.is_system_exception = isSystem;
  holder.byte_order = littleEndian;
  holder.marshaled_exception = out.finish();
  return holder;
}

test("an ExceptionHolder raises what it holds, in either byte order; a list makes more known", (t) => {
  const id = "IDL:Ami/Refused:1.0";
  for (const littleEndian of [false, true]) {
    const system = holderOf(true, littleEndian, (out) =>
      out.string("IDL:omg.org/CORBA/NO_IMPLEMENT:1.0").ulong(5).ulong(0),
    );
    const raised = t.throws(() => system.raise_exception(), { instanceOf: NO_IMPLEMENT });
    t.is(raised?.minor, 5);
    t.is(raised?.completed, "COMPLETED_YES");
    const user = holderOf(false, littleEndian, (out) => out.string(id).string("no").long(3));
    const unknown = t.throws(() => user.raise_exception(), { instanceOf: UNKNOWN });
    t.regex(unknown?.message ?? "", /Ami\/Refused/);
    user._knows([Ami._raises_Refused]);
    const known = t.throws(() => user.raise_exception(), { instanceOf: Ami.Refused });
    t.is(known?.code, 3);
    const listed = holderOf(false, littleEndian, (out) => out.string(id).string("no").long(4));
    const held = t.throws(() => listed.raise_exception_with_list([Ami._tc_Refused]));
    t.like(held, { repositoryId: id, why: "no", code: 4 });
  }
  t.throws(() => new ExceptionHolder().raise_exception(), {
    instanceOf: UNKNOWN,
    message: /told nothing/,
  });
  const cut = holderOf(true, true, (out) => out.string("IDL:omg.org/CORBA/NO_IMPLEMENT:1.0"));
  t.throws(() => cut.raise_exception(), { instanceOf: MARSHAL });
});
