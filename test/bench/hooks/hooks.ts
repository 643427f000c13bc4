import { portable } from "../../../interceptors/index.ts";
import {
  type EndpointChoice,
  MemoryTransport,
  type ORB,
  ORB_init,
  type OrbInitOptions,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { type Block, blockOf, rowOf } from "../block.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { tableLine } from "../table.ts";

const nothing = (): void => undefined;

/** A client and a server request interceptor whose points do nothing. */
const EMPTY = portable([
  {
    pre_init: (info) => {
      info.add_client_request_interceptor({
        name: "empty",
        send_request: nothing,
        receive_reply: nothing,
        receive_exception: nothing,
        receive_other: nothing,
      });
      info.add_server_request_interceptor({
        name: "empty",
        receive_request_service_contexts: nothing,
        receive_request: nothing,
        send_reply: nothing,
        send_exception: nothing,
        send_other: nothing,
      });
    },
  },
]);

/** The same with a slot: calls are followed through their awaits then. */
const SLOT = portable([
  {
    pre_init: (info) => {
      info.allocate_slot_id();
      info.add_client_request_interceptor({ name: "empty", send_request: nothing });
      info.add_server_request_interceptor({ name: "empty", receive_request: nothing });
    },
  },
]);

/** Decides nothing about any call. */
const ABSENT: EndpointChoice = { begin: () => undefined };
/** Takes the addresses as they are. */
const SAME: EndpointChoice = { begin: () => ({ order: (addresses) => addresses }) };

type Looks = Pick<OrbInitOptions, "initializers" | "endpointChoices" | "connectionWatch">;

const CONTENDERS: readonly (readonly [name: string, looks: Looks])[] = [
  ["no initializer", {}],
  ["no interceptor", { initializers: portable([]) }],
  ["empty interceptors", { initializers: EMPTY }],
  ["and a slot", { initializers: SLOT }],
  ["a choice that begins nothing", { endpointChoices: [ABSENT] }],
  ["a choice that orders", { endpointChoices: [SAME] }],
  ["a connection watch", { connectionWatch: { quiet: nothing } }],
];
const CALLS_A_SAMPLE = 50;
/** Without an interceptor a call may take this much longer than in an ORB that knows none. */
const TARGET_NONE_NS = 100;
/** With an empty client and an empty server request interceptor. */
const TARGET_EMPTY_NS = 2_000;

interface Load {
  readonly name: string;
  readonly call: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly blocks: Block[];
}

/**
 * Calls over the memory transport, in one thread: without interceptors, with none registered, and with ones that do
 * nothing; with endpoint choices and a connection watch that do nothing. A sample is the mean of some calls; blocks take turns.
 */
export async function hooks(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const loads = await Promise.all(CONTENDERS.map(([name, contender]) => open(name, contender)));
  for (const { call } of loads) await block(call, options.pace.warmUpMs);
  for (let round = 0; round < options.pace.blocks * 3; round++)
    for (const load of loads) load.blocks.push(await block(load.call, options.pace.blockMs / 3));
  for (const { close } of loads) await close();
  const [first] = loads;
  print(tableLine());
  const rows = loads.map((load) =>
    rowOf(load.name, load.blocks, "p50", load === first ? undefined : first),
  );
  for (const row of rows) print(tableLine(row.name, row));
  const [plain = 0, none = 0, empty = 0, slot = 0, absent = 0, order = 0, watch = 0] = rows.map(
    (row) => row.p50,
  );
  const costs = (p50: number): number => Math.round((p50 - plain) * 1_000);
  print(`no interceptor costs ${costs(none)} ns a call; allowed: ${TARGET_NONE_NS}`);
  print(`empty ones cost ${costs(empty)} ns a call; allowed: ${TARGET_EMPTY_NS}`);
  print(`with a slot ${costs(slot)} ns`);
  print(
    `an endpoint choice that begins nothing costs ${costs(absent)} ns, one that orders ${costs(order)} ns`,
  );
  print(`a connection watch costs ${costs(watch)} ns`);
  print(`the check that nobody looks: ${checkNs()} ns`);
  return rows;
}

async function open(name: string, looks: Looks): Promise<Load> {
  const options = { transport: new MemoryTransport(), ...looks };
  const server = await ORB_init([], options);
  const client: ORB = await ORB_init([], options);
  server.rootPOA.the_POAManager.activate();
  const servant = new Sample();
  const near = await server.rootPOA.activate(servant);
  const far = await client.string_to_object(server.object_to_string(near));
  if (far === null) throw new TypeError("nil");
  const call = async (): Promise<void> => {
    await sample.echo(far, "64 octets");
    servant.calls.length = 0;
  };
  const close = async (): Promise<void> => {
    await client.destroy();
    await server.destroy();
  };
  return { name, call, close, blocks: [] };
}

/** What one look at hooks that are not there takes, in a loop of its own. */
function checkNs(): string {
  const environment: { hooks: { client: object | undefined } } = { hooks: { client: undefined } };
  const count = 20_000_000;
  let found = 0;
  const begun = performance.now();
  for (let i = 0; i < count; i++) if (environment.hooks.client !== undefined) found++;
  const ns = ((performance.now() - begun) * 1e6) / count;
  return (ns + found).toFixed(2);
}

async function block(call: () => Promise<void>, ms: number): Promise<Block> {
  const samples: number[] = [];
  const begun = performance.now();
  let now = begun;
  while (now - begun < ms) {
    for (let i = 0; i < CALLS_A_SAMPLE; i++) await call();
    const ended = performance.now();
    samples.push(((ended - now) * 1_000) / CALLS_A_SAMPLE);
    now = ended;
  }
  return blockOf(Float64Array.from(samples), (now - begun) * 1_000);
}
