// What `scale.test.ts` measures: node --expose-gc scale-program.js WHAT COUNT
import {
  MemoryTransport,
  ORB_init,
  type POA,
  type PoaPolicies,
  string_to_ObjectId,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";

type Work = (poa: POA, id: Uint8Array) => Promise<unknown>;

const USER_ID = { idAssignment: "USER_ID" } as const;
const servant = new Sample();

/** A call through a reference that is then forgotten; the server never knew of it. */
const call: Work = (poa, id) => sample.fire(poa.create_reference_with_id(id, "IDL:Sample:1.0"), 1);

const WORKS: Readonly<Record<string, readonly [Partial<PoaPolicies>, (poa: POA) => void, Work]>> = {
  "default servant": [
    { ...USER_ID, idUniqueness: "MULTIPLE_ID", requestProcessing: "USE_DEFAULT_SERVANT" },
    (poa) => poa.set_servant(servant),
    call,
  ],
  locator: [
    { ...USER_ID, servantRetention: "NON_RETAIN", requestProcessing: "USE_SERVANT_MANAGER" },
    (poa) => poa.set_servant_manager({ preinvoke: () => servant, postinvoke: () => undefined }),
    call,
  ],
  activations: [
    {},
    () => undefined,
    (poa) => Promise.resolve(poa.deactivate_object(poa.activate_object(new Sample()))),
  ],
  incarnations: [
    { ...USER_ID, requestProcessing: "USE_SERVANT_MANAGER" },
    (poa) =>
      poa.set_servant_manager({ incarnate: () => new Sample(), etherealize: () => undefined }),
    async (poa, id) => {
      await sample.echo(poa.create_reference_with_id(id, "IDL:Sample:1.0"), "x");
      poa.deactivate_object(id);
    },
  ],
};

/** Octets of the heap that are in use. */
async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

const [what = "", count = "0"] = process.argv.slice(2);
const work = WORKS[what];
if (work === undefined) throw new TypeError(`no work "${what}"`);
const [policies, prepare, act] = work;
await using orb = await ORB_init([], { transport: new MemoryTransport() });
orb.rootPOA.the_POAManager.activate();
const poa = await orb.rootPOA.createPoa("many", policies);
prepare(poa);

async function run(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    await act(poa, string_to_ObjectId(`object ${i}`));
    // What a servant remembers is no matter of the POA.
    servant.calls.length = 0;
  }
}

const total = Number(count);
await run(0, total / 10);
const before = await heap();
await run(total / 10, total);
process.stdout.write(`grown ${(await heap()) - before}\n`);
