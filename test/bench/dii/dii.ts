import {
  _request,
  Any,
  ARG_IN,
  dynamicCall,
  DynamicImplementation,
  MemoryTransport,
  NVList,
  ORB_init,
  type ServerRequest,
} from "../../../orb/index.ts";
import { type Block, blockOf, type Row, rowOf, spreadOf } from "../block.ts";
import * as Mixed from "../gen/Mixed.ts";
import type { BenchOptions } from "../options.ts";
import { Samples } from "../samples.ts";
import { tableLine } from "../table.ts";
import { TWENTY } from "../twenty.ts";

/** Calls between two looks at the clock: one alone is too short for it. */
const BATCH = 20;
const LOAD = "echo of a struct of 20 members, over memory";
/** What a dynamic call may cost at most, in calls of the stub. */
const AT_MOST = 3;

const type = Mixed._tc_Twenty;

class Carrier extends Mixed.CarrierSkeleton {
  override echo(v: Mixed.Twenty): Mixed.Twenty {
    return v;
  }
}

class DynamicCarrier extends DynamicImplementation {
  override _primary_interface(): string {
    return Mixed.Carrier.repositoryId;
  }

  override invoke(request: ServerRequest): void {
    const list = new NVList();
    const v = list.add_type("v", type, ARG_IN);
    request.arguments(list);
    request.set_result(v.value);
  }
}

interface Contender {
  readonly name: string;
  readonly call: () => Promise<unknown>;
}

function contenders(carrier: Mixed.Carrier, dynamic: Mixed.Carrier): readonly Contender[] {
  const byRequest = async (): Promise<unknown> => {
    const request = _request(carrier, "echo");
    request.add_in_arg(new Any(type, TWENTY));
    request.set_return_type(type);
    await request.invoke();
    return request.return_value;
  };
  return [
    { name: "stub and skeleton", call: () => carrier.echo(TWENTY) },
    {
      name: "dynamicCall and skeleton",
      call: () => dynamicCall(carrier, "echo", { args: [[type, TWENTY]], result: type }),
    },
    { name: "Request and skeleton", call: byRequest },
    { name: "stub and DynamicImplementation", call: () => dynamic.echo(TWENTY) },
    {
      name: "dynamicCall and DynamicImplementation",
      call: () => dynamicCall(dynamic, "echo", { args: [[type, TWENTY]], result: type }),
    },
  ];
}

/** Calls one after the other for so long; microseconds for each. */
async function block({ call }: Contender, ms: number): Promise<Block> {
  const samples = new Samples();
  const begin = performance.now();
  let now = begin;
  while (now - begin < ms) {
    const start = now;
    for (let i = 0; i < BATCH; i++) await call();
    now = performance.now();
    samples.add(((now - start) * 1_000) / BATCH);
  }
  return blockOf(samples.view(), ((now - begin) * 1_000) / BATCH);
}

async function reference(
  server: Awaited<ReturnType<typeof ORB_init>>,
  client: Awaited<ReturnType<typeof ORB_init>>,
  servant: Carrier | DynamicCarrier,
): Promise<Mixed.Carrier> {
  const text = server.object_to_string(await server.rootPOA.activate(servant));
  const found = Mixed.Carrier.uncheckedNarrow(await client.string_to_object(text));
  if (found === null) throw new TypeError("nil");
  return found;
}

/** Client and server in one process, so that both sides of a call are in its time. */
export async function dii(
  { pace, only }: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  if (!LOAD.includes(only)) return [];
  const transport = new MemoryTransport();
  await using server = await ORB_init([], { transport });
  await using client = await ORB_init([], { transport });
  server.rootPOA.the_POAManager.activate();
  const all = contenders(
    await reference(server, client, new Carrier()),
    await reference(server, client, new DynamicCarrier()),
  );
  const blocks = new Map<Contender, Block[]>(all.map((contender) => [contender, []]));
  for (const contender of all) await block(contender, pace.warmUpMs);
  for (let round = 0; round < pace.blocks; round++)
    for (const [contender, list] of blocks) list.push(await block(contender, pace.blockMs));
  print(`\n${LOAD}`);
  print(tableLine());
  const [first] = blocks;
  if (first === undefined) throw new TypeError("no contender");
  const baseline = { name: first[0].name, blocks: first[1] };
  return Array.from(blocks, ([{ name }, list]) => {
    const isBaseline = name === baseline.name;
    const row = rowOf(`${LOAD}: ${name}`, list, "p50", isBaseline ? undefined : baseline);
    print(tableLine(name, row, spreadOf(list, "p50"), isBaseline ? undefined : AT_MOST));
    return row;
  });
}
