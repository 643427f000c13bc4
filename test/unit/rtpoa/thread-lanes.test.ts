import test from "ava";
import {
  BAD_OPERATION,
  BAD_PARAM,
  InvalidPolicy,
  type ObjectReference,
  type RTPOA,
  string_to_ObjectId,
} from "../../../orb/index.ts";
import { publishedPolicies } from "../../../orb/messaging/index.ts";
import { sample } from "../../support/sample.ts";
import { lanesOf, PrioritySample } from "./support.ts";
import { at, MODULE, seer, threads } from "./threads.ts";

test.serial(
  "lanes of threads: servants by module, one endpoint a lane, each at its own priority",
  async (t) => {
    const { server, client, pool, far } = await threads(t);
    const poa = await server.rootPOA.createPoa("p", {
      idAssignment: "USER_ID",
      threadpool: pool,
      priorityModel: { model: "CLIENT_PROPAGATED", priority: 5_000 },
    });
    const near = await poa.activateModule("a", seer);
    t.is(near._core.ior.typeId, "IDL:Sample:1.0");
    const reference = await far(near);
    const answers: string[] = [];
    for (const priority of [25_000, 5_000, 15_000])
      answers.push(await at(client, priority, reference));
    const threadIds = answers.map((answer) => answer.split(" ")[1]);
    t.deepEqual(
      answers.map((answer) => answer.split(" ")[0]),
      ["25000", "5000", "15000"],
    );
    t.is(new Set(threadIds).size, 3, "three threads");
    t.false(threadIds.includes("0"), "none of them the main one");
    t.is(
      (await sample.echo(near, "x")).split(" ")[0],
      "5000",
      "from the main thread, which knows nothing of priorities yet",
    );
    await poa.deactivateModule("a");
    await t.throwsAsync(at(client, 25_000, reference));
  },
);

test.serial(
  "lanes of threads: an object of a priority is in its lane alone, and who asks the main thread is sent there",
  async (t) => {
    const { server, far, client, pool } = await threads(t);
    const poa = await server.rootPOA.createPoa("p", {
      idAssignment: "USER_ID",
      threadpool: pool,
      priorityModel: { model: "SERVER_DECLARED", priority: 15_000 },
    });
    const high = await poa.activateModule("high", seer, { priority: 25_000 });
    t.like(publishedPolicies(high._core.ior).get(40)?.value, { server_priority: 25_000 });
    t.regex(await sample.echo(await far(high), "x"), /^25000 /);
    server.bindPlainKey("High", high);
    const port = server.endpoints[0]?.port ?? 0;
    const plain = (await client.string_to_object(
      `corbaloc:iiop:1.2@127.0.0.1:${port}/High`,
    )) as ObjectReference;
    t.regex(await sample.echo(plain, "x"), /^25000 /);
    await t.throwsAsync(poa.activateModule("x", seer, { priority: 1 }), { instanceOf: BAD_PARAM });
  },
);

test.serial(
  "lanes of threads take no servant objects, and say what they take; inline pools do",
  async (t) => {
    const { server, far, pool } = await threads(t);
    const threadpool = pool;
    const model = { priorityModel: { model: "SERVER_DECLARED", priority: 15_000 } } as const;
    const poa: RTPOA = await server.rootPOA.createPoa("p", {
      ...model,
      idAssignment: "USER_ID",
      threadpool,
    });
    const servant = new PrioritySample(server);
    for (const call of [
      () => poa.activate_object_with_id(string_to_ObjectId("a"), servant),
      () => poa.activate_object_with_id_and_priority(string_to_ObjectId("a"), servant, 15_000),
      () => poa.set_servant(servant),
    ])
      t.throws(call, { instanceOf: BAD_OPERATION, message: /activateModule/ });
    const error = await t.throwsAsync(
      poa.activateModule("a", { module: MODULE, export: "nobody" }),
      { instanceOf: BAD_PARAM },
    );
    t.regex(error?.message ?? "", /nobody/);
    await poa.destroy(true, true);
    const again = await server.rootPOA.createPoa("p", { ...model, threadpool });
    await again.destroy(true, true);
    await server.rt.destroy_threadpool(pool);
    await t.throwsAsync(server.rootPOA.createPoa("q", { ...model, threadpool }), {
      instanceOf: InvalidPolicy,
    });
    const inline = await server.rt.create_threadpool_with_lanes(
      0,
      lanesOf([15_000]),
      false,
      false,
      0,
      0,
      { inline: true },
    );
    const here = await server.rootPOA.createPoa("here", { ...model, threadpool: inline });
    t.is(await sample.echo(await far(await here.activate(servant)), "x"), "x");
  },
);
