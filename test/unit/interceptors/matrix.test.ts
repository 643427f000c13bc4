import test, { type ExecutionContext } from "ava";
import type { ClientRequestInfo, ServerRequestInfo } from "../../../interceptors/index.ts";
import { PortableInterceptor } from "../../../idl/index.ts";
import {
  Any,
  BAD_INV_ORDER,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  tc,
} from "../../../orb/index.ts";
import { across, clientWatch, serverWatch, watchedOrb } from "./support.ts";
import { Odd, typed, TypedServant } from "./typed.ts";

// The tables of CORBA 3.3 Part 1, 16.3.14 and 16.3.15, as the standard prints them, but for get_request_service_context
// in receive_request, which is allowed here. One column a point.

const CLIENT = `
                             send_request send_poll receive_reply receive_exception receive_other
request_id                   y y y y y
operation                    y y y y y
arguments                    y n y n n
exceptions                   y n y y y
contexts                     y n y y y
operation_context            y n y y y
result                       n n y n n
response_expected            y y y y y
sync_scope                   y n y y y
reply_status                 n n y y y
forward_reference            n n n n y
get_slot                     y y y y y
get_request_service_context  y n y y y
get_reply_service_context    n n y y y
target                       y y y y y
effective_target             y y y y y
effective_profile            y y y y y
received_exception           n n n y n
received_exception_id        n n n y n
get_effective_component      y n y y y
get_effective_components     y n y y y
get_request_policy           y n y y y
add_request_service_context  y n n n n`;

const SERVER = `
                               receive_request_service_contexts receive_request send_reply send_exception send_other
request_id                     y y y y y
operation                      y y y y y
arguments                      n y y n n
exceptions                     n y y y y
contexts                       n y y y y
operation_context              n y y n n
result                         n n y n n
response_expected              y y y y y
sync_scope                     y y y y y
reply_status                   n n y y y
forward_reference              n n n n y
get_slot                       y y y y y
get_request_service_context    y y y y y
get_reply_service_context      n n y y y
sending_exception              n n n y n
object_id                      n y y y y
adapter_id                     n y y y y
server_id                      n y y y y
orb_id                         n y y y y
adapter_name                   n y y y y
target_most_derived_interface  n y n n n
get_server_policy              y y y y y
set_slot                       y y y y y
target_is_a                    n y n n n
add_reply_service_context      y y y y y`;

/** What may be asked for in a point. */
function column(table: string, point: string): Readonly<Record<string, string>> {
  const [head = "", ...rows] = table.trim().split("\n");
  const index = head.trim().split(/ +/).indexOf(point);
  return Object.fromEntries(
    rows.map((row) => {
      const [name = "", ...cells] = row.split(/ +/);
      return [name, cells[index] ?? "?"];
    }),
  );
}

type Probe<Info> = (ri: Info) => unknown;

const REQUEST_CONTEXT = 0x7777;
const REPLY_CONTEXT = 0x8888;
const SLOT = 0;
const ADDED = { context_id: 0x9999, context_data: Uint8Array.of(1) };
const LIFESPAN = 17;
const CODE_SETS = 1;
const SYNC_SCOPE = 24;

const anyOf = ({ type, value }: Any): unknown => [String(type.kind()), value];
const octetsOf = ({ context_data: data }: { context_data: Uint8Array }): unknown => [...data];

const CLIENT_PROBES: Readonly<Record<string, Probe<ClientRequestInfo>>> = {
  request_id: (ri) => ri.request_id,
  operation: (ri) => ri.operation,
  arguments: (ri) => ri.arguments.map(({ argument, mode }) => [mode, anyOf(argument)]),
  exceptions: (ri) => ri.exceptions.map((type) => type.id()),
  contexts: (ri) => ri.contexts,
  operation_context: (ri) => ri.operation_context,
  result: (ri) => anyOf(ri.result),
  response_expected: (ri) => ri.response_expected,
  sync_scope: (ri) => ri.sync_scope,
  reply_status: (ri) => ri.reply_status,
  forward_reference: (ri) => ri.forward_reference._core.ior.typeId,
  get_slot: (ri) => anyOf(ri.get_slot(SLOT)),
  get_request_service_context: (ri) => octetsOf(ri.get_request_service_context(REQUEST_CONTEXT)),
  get_reply_service_context: (ri) => octetsOf(ri.get_reply_service_context(REPLY_CONTEXT)),
  target: (ri) => ri.target._core.ior.typeId,
  effective_target: (ri) => ri.effective_target._core.ior.typeId,
  effective_profile: (ri) => ri.effective_profile.tag,
  received_exception: (ri) => (ri.received_exception.value as Odd).number,
  received_exception_id: (ri) => ri.received_exception_id,
  get_effective_component: (ri) => ri.get_effective_component(CODE_SETS).tag,
  get_effective_components: (ri) => ri.get_effective_components(CODE_SETS).length,
  get_request_policy: (ri) => ri.get_request_policy(SYNC_SCOPE)?.value,
  add_request_service_context: (ri) => ri.add_request_service_context(ADDED, true),
};

const SERVER_PROBES: Readonly<Record<string, Probe<ServerRequestInfo>>> = {
  request_id: (ri) => typeof ri.request_id,
  operation: (ri) => ri.operation,
  arguments: (ri) => ri.arguments.map(({ argument, mode }) => [mode, anyOf(argument)]),
  exceptions: (ri) => ri.exceptions.map((type) => type.id()),
  contexts: (ri) => ri.contexts,
  operation_context: (ri) => ri.operation_context,
  result: (ri) => anyOf(ri.result),
  response_expected: (ri) => ri.response_expected,
  sync_scope: (ri) => ri.sync_scope,
  reply_status: (ri) => ri.reply_status,
  forward_reference: (ri) => ri.forward_reference._core.ior.typeId,
  get_slot: (ri) => anyOf(ri.get_slot(SLOT)),
  get_request_service_context: (ri) => octetsOf(ri.get_request_service_context(REQUEST_CONTEXT)),
  get_reply_service_context: (ri) => octetsOf(ri.get_reply_service_context(REPLY_CONTEXT)),
  sending_exception: (ri) => (ri.sending_exception.value as Odd).number,
  object_id: (ri) => Buffer.from(ri.object_id).toString(),
  adapter_id: (ri) => ri.adapter_id.length > 0,
  server_id: (ri) => ri.server_id.length > 0,
  orb_id: (ri) => ri.orb_id,
  adapter_name: (ri) => ri.adapter_name,
  target_most_derived_interface: (ri) => ri.target_most_derived_interface,
  get_server_policy: (ri) => ri.get_server_policy(LIFESPAN),
  set_slot: (ri) => ri.set_slot(SLOT, new Any(tc.long, 5)),
  target_is_a: (ri) => ["IDL:Typed:1.0", "IDL:Other:1.0"].map((id) => ri.target_is_a(id)),
  add_reply_service_context: (ri) => ri.add_reply_service_context(ADDED, true),
};

/** What every probe says in a point: the value, or that it is not known there. */
interface Said {
  readonly cells: Record<string, string>;
  readonly values: Record<string, unknown>;
}

function ask<Info>(probes: Readonly<Record<string, Probe<Info>>>, ri: Info): Said {
  const said: Said = { cells: {}, values: {} };
  for (const [name, probe] of Object.entries(probes)) {
    try {
      said.values[name] = probe(ri);
      said.cells[name] = "y";
    } catch (error) {
      const isForbidden = error instanceof BAD_INV_ORDER && error.minor === 0x4f4d_000e;
      said.cells[name] = isForbidden ? "n" : String(error);
    }
  }
  return said;
}

interface Stage {
  readonly client: Map<string, Said>;
  readonly server: Map<string, Said>;
  call(number: number): Promise<unknown>;
  /** The same, asking for the answer later. */
  poll(number: number): Promise<unknown>;
  /** Sends the next request elsewhere. */
  forwardNext(): void;
}

/** A call of `mix` between two ORBs, or inside one, where every point asks for everything. */
async function stage(t: ExecutionContext, isCollocated: boolean): Promise<Stage> {
  const transport = new MemoryTransport();
  const said = { client: new Map<string, Said>(), server: new Map<string, Said>() };
  let forward: ObjectReference | undefined;
  let isNext = false;
  const clients = [
    clientWatch("asking", (point, ri) => {
      if (point === "send_request") {
        const context_data = Uint8Array.of(7);
        ri.add_request_service_context({ context_id: REQUEST_CONTEXT, context_data }, false);
      }
      said.client.set(point, ask(CLIENT_PROBES, ri));
    }),
  ];
  const servers = [
    serverWatch("asking", (point, ri) => {
      if (point === "receive_request_service_contexts") {
        const context_data = Uint8Array.of(8);
        ri.add_reply_service_context({ context_id: REPLY_CONTEXT, context_data }, false);
      }
      said.server.set(point, ask(SERVER_PROBES, ri));
    }),
    serverWatch("forwarding", (point) => {
      if (point !== "receive_request" || !isNext || forward === undefined) return;
      isNext = false;
      throw new PortableInterceptor.ForwardRequest({ forward });
    }),
  ];
  const pre = (info: { allocate_slot_id(): number }): void => void info.allocate_slot_id();
  const args = ["-ORBid", `matrix ${t.title}`];
  const server = await watchedOrb(t, transport, {
    servers,
    pre,
    args,
    ...(isCollocated ? { clients } : {}),
  });
  const client: ORB = isCollocated ? server : await watchedOrb(t, transport, { clients, pre });
  const poa = await server.rootPOA.createPoa("typed", {
    idAssignment: "USER_ID",
    lifespan: "PERSISTENT",
  });
  forward = await poa.activate("one", new TypedServant());
  server.rootPOA.the_POAManager.activate();
  const target = isCollocated ? forward : await across(client, server, forward);
  return {
    ...said,
    call: (number) => typed.mix(target, number, "b"),
    poll: (number) => typed.poll(target, number, "b").mix(0xffff_ffff),
    forwardNext: () => {
      isNext = true;
    },
  };
}

/** Which call brings a point about. */
const SCENES: Readonly<Record<string, (stage: Stage, t: ExecutionContext) => Promise<unknown>>> = {
  reply: (on) => on.call(2),
  poll: (on) => on.poll(2),
  exception: (on, t) => t.throwsAsync(on.call(3), { instanceOf: Odd }),
  // What is told last is the call after the forward, so the points of a reply are not looked at.
  forward: (on) => {
    on.forwardNext();
    return on.call(2);
  },
};

const POINTS: readonly (readonly [side: "client" | "server", scene: string, point: string])[] = [
  ["client", "reply", "send_request"],
  ["client", "poll", "send_poll"],
  ["client", "reply", "receive_reply"],
  ["client", "poll", "receive_reply"],
  ["client", "exception", "receive_exception"],
  ["client", "forward", "receive_other"],
  ["server", "reply", "receive_request_service_contexts"],
  ["server", "reply", "receive_request"],
  ["server", "reply", "send_reply"],
  ["server", "exception", "send_exception"],
  ["server", "forward", "send_other"],
];

const CONTEXT_SENT = ["who", "me", "mood", "calm", "moodAt", "noon"];
const ARGUMENTS_SENT = [
  ["PARAM_IN", ["tk_long", 2]],
  ["PARAM_INOUT", ["tk_string", "b"]],
  ["PARAM_OUT", ["tk_null", undefined]],
];
const ARGUMENTS_BACK = [
  ["PARAM_IN", ["tk_long", 2]],
  ["PARAM_INOUT", ["tk_string", "b!"]],
  ["PARAM_OUT", ["tk_long", -2]],
];

/** What is said, where it is known. */
function expected(side: string, point: string): Readonly<Record<string, unknown>> {
  const isBack = point === "receive_reply" || point === "send_reply";
  const status = { receive_exception: 2, send_exception: 2, receive_other: 3, send_other: 3 };
  const both = {
    operation: "mix",
    arguments: isBack ? ARGUMENTS_BACK : ARGUMENTS_SENT,
    exceptions: ["IDL:Typed/Odd:1.0"],
    contexts: ["who", "mood*"],
    operation_context: CONTEXT_SENT,
    result: ["tk_long", 4],
    response_expected: true,
    reply_status: status[point as keyof typeof status] ?? 0,
    forward_reference: "IDL:Typed:1.0",
    get_request_service_context: [7],
    get_reply_service_context: [8],
  };
  if (side === "client") {
    return {
      ...both,
      request_id: 1,
      sync_scope: 1,
      get_slot: ["tk_null", undefined],
      target: "IDL:Typed:1.0",
      effective_target: "IDL:Typed:1.0",
      effective_profile: 0,
      received_exception: 3,
      received_exception_id: "IDL:Typed/Odd:1.0",
      get_effective_component: 1,
      get_effective_components: 1,
      get_request_policy: 1,
      add_request_service_context: undefined,
    };
  }
  const isFirst = point === "receive_request_service_contexts";
  return {
    ...both,
    request_id: "number",
    sync_scope: 3,
    get_slot: isFirst ? ["tk_null", undefined] : ["tk_long", 5],
    sending_exception: 3,
    object_id: "one",
    adapter_id: true,
    server_id: true,
    adapter_name: ["RootPOA", "typed"],
    target_most_derived_interface: "IDL:Typed:1.0",
    get_server_policy: { policy_type: LIFESPAN, value: "PERSISTENT" },
    set_slot: undefined,
    target_is_a: [true, false],
    add_reply_service_context: undefined,
  };
}

for (const where of ["remote", "collocated"] as const)
  for (const [side, scene, point] of POINTS) {
    const at = scene === "poll" && point !== "send_poll" ? `${point} after send_poll` : point;
    test(`${side}, ${where}: what is known in ${at}, and what is BAD_INV_ORDER 14`, async (t) => {
      const on = await stage(t, where === "collocated");
      await SCENES[scene]?.(on, t);
      const said = (side === "client" ? on.client : on.server).get(point);
      const cells = column(side === "client" ? CLIENT : SERVER, point);
      t.true(Object.keys(cells).length > 20);
      t.deepEqual(said?.cells, cells);
      const values = {
        ...expected(side, point),
        ...(side === "server" ? { orb_id: `matrix ${t.title}` } : {}),
      };
      const known = Object.entries(values).filter(([name]) => cells[name] === "y");
      t.deepEqual(said?.values, Object.fromEntries(known));
    });
  }

test("outside of interception points nothing is known", async (t) => {
  const infos: (ClientRequestInfo | ServerRequestInfo)[] = [];
  const transport = new MemoryTransport();
  const orb = await watchedOrb(t, transport, {
    clients: [clientWatch("A", (_point, ri) => void infos.push(ri))],
    servers: [serverWatch("A", (_point, ri) => void infos.push(ri))],
  });
  orb.rootPOA.the_POAManager.activate();
  await typed.mix(await orb.rootPOA.activate(new TypedServant()), 2, "b");
  t.is(new Set(infos).size, 2);
  for (const ri of infos) {
    const error = t.throws(() => ri.operation, { instanceOf: BAD_INV_ORDER });
    t.regex(error?.message ?? "", /inside interception points only/);
  }
});

test("a forward's reference is not known where the call ends in another way", async (t) => {
  const transport = new MemoryTransport();
  const minors: unknown[] = [];
  const note = (point: string, ri: ClientRequestInfo | ServerRequestInfo): void => {
    if (!point.endsWith("_other")) return;
    minors.push(t.throws(() => ri.forward_reference, { instanceOf: BAD_INV_ORDER })?.minor);
    t.is(ri.reply_status, 0);
    t.false(ri.response_expected);
  };
  const orb = await watchedOrb(t, transport, {
    clients: [clientWatch("A", note)],
    servers: [serverWatch("A", note)],
  });
  orb.rootPOA.the_POAManager.activate();
  const servant = new TypedServant();
  const called = new Promise<void>((resolve) => (servant.onCall = resolve));
  await typed.tell(await orb.rootPOA.activate(servant), 1);
  await called;
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(minors, [0x4f4d_000e, 0x4f4d_000e]);
});
