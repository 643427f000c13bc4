import test, { type ExecutionContext } from "ava";
import { encapsulate } from "../../../orb/cdr/index.ts";
import { invoke, type Operation } from "../../../orb/generated.ts";
import {
  BAD_PARAM,
  INV_POLICY,
  ObjectId_to_string,
  type ObjectReference,
  OBJECT_NOT_EXIST,
  ORB_init,
  type PriorityBand,
  UNKNOWN,
} from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { Lines } from "../lanes/laned.ts";
import { PRIORITIES } from "./support.ts";
import { astray, at, MODULE, seer, type Threads, threads } from "./threads.ts";

const USER = { idAssignment: "USER_ID" } as const;
const BANDS: readonly PriorityBand[] = [
  { low: 0, high: 9_999 },
  { low: 10_000, high: 32_767 },
];
const propagated = (priority: number) => ({ model: "CLIENT_PROPAGATED", priority }) as const;
const declared = (priority: number) => ({ model: "SERVER_DECLARED", priority }) as const;

function priorityIn(answer: string): number {
  return Number(answer.split(" ")[0]);
}

/** Requests that came to another lane than theirs. */
function strays({ server, pool }: Threads): number {
  return server.rt.threadpoolState(pool).strayCount;
}

test.serial(
  "an object with a priority of its own is served in its lane, whichever lane it is called at, and counted",
  async (t) => {
    const all = await threads(t);
    const { server, pool } = all;
    const poa = await server.rootPOA.createPoa("p", {
      ...USER,
      threadpool: pool,
      priorityModel: declared(15_000),
    });
    const high = await poa.activateModule("high", seer, { priority: 25_000 });
    const plain = await poa.activateModule("plain", seer);
    const answers: number[] = [];
    for (const lane of [0, 1, 2])
      answers.push(priorityIn(await sample.echo(await astray(all, high, lane), "x")));
    t.deepEqual(answers, [25_000, 25_000, 25_000]);
    t.is(strays(all), 2);
    t.is(priorityIn(await sample.echo(await astray(all, plain, 0), "x")), 15_000);
    t.is(strays(all), 3);
    const found = await astray(all, high, 0);
    t.false(
      await found._non_existent(),
      "whoever asks a lane for an object of another one is told of it",
    );
    await poa.deactivateModule("high");
    await t.throwsAsync(sample.echo(await astray(all, high, 0), "x"), {
      instanceOf: OBJECT_NOT_EXIST,
    });
  },
);

test.serial("priorities of objects survive the end of a lane's thread", async (t) => {
  const log = new Lines();
  const all = await threads(t, { logger: log });
  const { server, pool } = all;
  const poa = await server.rootPOA.createPoa("p", {
    ...USER,
    threadpool: pool,
    priorityModel: declared(15_000),
  });
  const high = await poa.activateModule("high", seer, { priority: 25_000 });
  const words = new Int32Array(new SharedArrayBuffer(12));
  const parking = { module: MODULE, export: "Parking", args: [words] };
  const mortal = await poa.activateModule("mortal", parking, { priority: 5_000 });
  await t.throwsAsync(sample.echo(await all.far(mortal), "crash"));
  await log.line(/lane 0", thread 0 serves again/);
  t.is(await sample.echo(await all.far(mortal), "alive"), "alive");
  t.is(priorityIn(await sample.echo(await astray(all, high, 0), "x")), 25_000);
});

test.serial("a request that says no priority is served at that of the POA", async (t) => {
  const all = await threads(t);
  const { server, pool } = all;
  const poa = await server.rootPOA.createPoa("p", {
    ...USER,
    threadpool: pool,
    priorityModel: propagated(15_000),
  });
  const any = await poa.activateModule("a", seer);
  t.is(priorityIn(await sample.echo(await astray(all, any, 0), "x")), 15_000);
});

test.serial("bands: a priority that is no lane's is served in the lane of its band", async (t) => {
  const all = await threads(t);
  const { server, client, pool, far } = all;
  const poa = await server.rootPOA.createPoa("p", {
    ...USER,
    threadpool: pool,
    priorityModel: propagated(5_000),
    priorityBands: BANDS,
  });
  const any = await poa.activateModule("a", seer);
  t.is(priorityIn(await at(client, 9_000, await far(any))), 5_000);
  t.true(priorityIn(await at(client, 12_000, await far(any))) >= 15_000);
  // Without a word of bands in the reference: only the server knows.
  const blind = await blindClient(t, server.object_to_string(any), 0, all);
  t.is(priorityIn(await blind(12_000)), 15_000);
  t.is(priorityIn(await blind(9_000)), 5_000);
});

/** Calls through a lane's endpoint with a priority that the client's own interceptor adds. */
async function blindClient(
  t: ExecutionContext,
  url: string,
  lane: number,
  all: Threads,
): Promise<(priority: number) => Promise<string>> {
  let priority = 0;
  const choice = {
    begin: () => ({
      contexts: [{ id: 10, data: encapsulate((out) => out.short(priority)) }],
      order: <T>(addresses: readonly T[]) => addresses,
    }),
  };
  const client = await ORB_init([], {
    config: { orb: { listen: [] } },
    endpointChoices: [choice],
  });
  t.teardown(() => client.destroy());
  const reference = (await client.string_to_object(url)) as ObjectReference;
  const target = await astray({ ...all, client }, reference, lane);
  return async (at) => {
    priority = at;
    return await sample.echo(target, "x");
  };
}

const bind: Operation<never, readonly [], void> = {
  name: "_bind_priority_band",
  writeArguments: () => undefined,
  readArguments: () => [],
  writeResult: () => undefined,
  readResult: () => undefined,
  upcall: () => undefined,
};

test.serial(
  "_bind_priority_band is answered in each lane, and by the main thread; a band of no lane is INV_POLICY",
  async (t) => {
    const all = await threads(t);
    const { server, pool } = all;
    let band: PriorityBand = { low: 0, high: 0 };
    const choice = {
      begin: () => ({
        contexts: [{ id: 11, data: encapsulate((out) => out.short(band.low).short(band.high)) }],
        order: <T>(addresses: readonly T[]) => addresses,
      }),
    };
    const client = await ORB_init([], {
      config: { orb: { listen: [] } },
      endpointChoices: [choice],
    });
    t.teardown(() => client.destroy());
    const options = { ...USER, threadpool: pool, priorityModel: propagated(5_000) } as const;
    const banded = await server.rootPOA.createPoa("b", { ...options, priorityBands: BANDS });
    const plain = await server.rootPOA.createPoa("p", options);
    const flat = await server.rt.create_threadpool(0, 1, 0, 100, false, 0, 0, { name: "flat" });
    const open = await server.rootPOA.createPoa("o", { ...options, threadpool: flat });
    const cases = [
      { poa: banded, good: [...BANDS, { low: 5, high: 9_000 }], bad: [{ low: 5, high: 10_001 }] },
      { poa: plain, good: [{ low: 0, high: 6_000 }], bad: [{ low: 6_000, high: 7_000 }] },
    ];
    for (const { poa, good, bad } of cases) {
      const reference = await poa.activateModule("a", seer);
      const text = server.object_to_string(reference);
      const own = (await client.string_to_object(text)) as ObjectReference;
      server.bindPlainKey(poa.the_name, reference);
      const port = server.endpoints[0]?.port ?? 0;
      const main = `corbaloc:iiop:1.2@127.0.0.1:${port}/${poa.the_name}`;
      const there = [
        await astray({ ...all, client }, own, 0),
        await astray({ ...all, client }, own, 2),
        (await client.string_to_object(main)) as ObjectReference,
      ];
      for (const target of there) {
        for (band of good) await t.notThrowsAsync(invoke(target, bind, []));
        for (band of bad) await t.throwsAsync(invoke(target, bind, []), { instanceOf: INV_POLICY });
      }
    }
    const single = await open.activateModule("a", seer);
    const text = server.object_to_string(single);
    band = { low: 6_000, high: 7_000 };
    const target = (await client.string_to_object(text)) as ObjectReference;
    await t.notThrowsAsync(invoke(target, bind, []), "a pool without lanes serves any priority");
  },
);

test.serial(
  "a pool without lanes in a thread: the request's own priority, echoed; objects' own, and the pool's where nobody says",
  async (t) => {
    const { server, client, far } = await threads(t);
    const flat = await server.rt.create_threadpool(0, 1, 0, 100, false, 0, 0, { name: "flat" });
    const options = { ...USER, threadpool: flat } as const;
    const any = await server.rootPOA.createPoa("any", {
      ...options,
      priorityModel: propagated(7),
    });
    const fixed = await server.rootPOA.createPoa("fixed", {
      ...options,
      priorityModel: declared(8),
    });
    const plain = await server.rootPOA.createPoa("plain", options);
    const asked = await far(await any.activateModule("a", seer));
    t.is(priorityIn(await at(client, 1_234, asked)), 1_234);
    const own = await far(await fixed.activateModule("b", seer, { priority: 900 }));
    const usual = await far(await fixed.activateModule("a", seer));
    t.is(priorityIn(await sample.echo(own, "x")), 900);
    t.is(priorityIn(await sample.echo(usual, "x")), 8);
    t.is(priorityIn(await sample.echo(await far(await plain.activateModule("a", seer)), "x")), 100);
  },
);

test.serial(
  "a priority transform is named by its module: lanes choose by what it makes of a priority, once a request",
  async (t) => {
    const all = await threads(t);
    const { server, client, pool, far } = all;
    const calls = new Int32Array(new SharedArrayBuffer(4));
    const raising = { module: MODULE, export: "Raising", args: [10_000, calls] };
    await server.rt.usePriorityTransform(raising);
    const poa = await server.rootPOA.createPoa("p", {
      ...USER,
      threadpool: pool,
      priorityModel: propagated(5_000),
    });
    const any = await far(await poa.activateModule("a", seer));
    t.is(priorityIn(await at(client, 5_000, any)), 15_000);
    t.is(priorityIn(await at(client, 15_000, any)), 25_000);
    t.is(calls[0], 2, "not again in the lane that it is handed to");
    t.is(strays(all), 2);
    const later = await server.rt.create_threadpool(0, 1, 0, 100, false, 0, 0, { name: "flat" });
    const flat = await server.rootPOA.createPoa("f", {
      ...USER,
      threadpool: later,
      priorityModel: propagated(5_000),
    });
    const open = await far(await flat.activateModule("a", seer));
    t.is(priorityIn(await at(client, 100, open)), 10_100, "a pool made later has it, too");
    await t.throwsAsync(at(client, 99, open), { instanceOf: UNKNOWN });
    await server.rt.usePriorityTransform(null);
    t.is(priorityIn(await at(client, 5_000, any)), 5_000);
    await t.throwsAsync(server.rt.usePriorityTransform(seer), {
      instanceOf: BAD_PARAM,
      message: /it needs inbound\(\) and outbound\(\)/,
    });
  },
);

test.serial(
  "references that a lane's thread makes are those that the main thread makes",
  async (t) => {
    const { server, client, pool, far } = await threads(t);
    const myself = { module: MODULE, export: "Myself" };
    for (const model of [propagated(5_000), declared(15_000)]) {
      const poa = await server.rootPOA.createPoa(model.model, {
        ...USER,
        threadpool: pool,
        priorityModel: model,
        priorityBands: BANDS,
      });
      const near = await poa.activateModule("a", myself);
      const reference = await far(near);
      for (const priority of model.model === "SERVER_DECLARED" ? [0] : PRIORITIES) {
        const theirs = await at(client, priority, reference);
        t.is(theirs, server.object_to_string(near), `${model.model} ${priority}`);
      }
      t.is(ObjectId_to_string(poa.reference_to_id(near)), "a", "the POA knows its own");
    }
    const poa = await server.rootPOA.createPoa("system", {
      threadpool: pool,
      priorityModel: declared(15_000),
    });
    t.notThrows(() => poa.create_reference_with_priority("IDL:Sample:1.0", 25_000));
  },
);
