import test from "ava";
import {
  BAD_PARAM,
  InvalidPolicies,
  InvalidPolicy,
  MINOR,
  NO_PERMISSION,
  type Policy,
} from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { lanePool, pair, PrioritySample } from "./support.ts";
import { at } from "./threads.ts";

test("POAs that say nothing of a thread pool have that of the ORB's policy manager, until it has another", async (t) => {
  const { server, client, far } = await pair(t);
  const { rt, policyManager } = server;
  const pool = await lanePool(server);
  const set = (policies: readonly Policy[]): void =>
    policyManager.set_policy_overrides(policies, "SET_OVERRIDE");
  set([
    rt.create_threadpool_policy(pool),
    rt.create_priority_model_policy("CLIENT_PROPAGATED", 5_000),
  ]);
  t.is((policyManager.get_policy_overrides([41])[0] as { threadpool?: number }).threadpool, pool);
  const servant = new PrioritySample(server);
  const byDefault = await server.rootPOA.createPoa("default");
  const reference = await far(await byDefault.activate(servant));
  await at(client, 25_000, reference);
  t.deepEqual(servant.seen, [25_000]);
  const flat = await rt.create_threadpool(0, 1, 0, 100, false, 0, 0);
  const own = await server.rootPOA.create_POA("own", server.rootPOA.the_POAManager, [
    rt.create_threadpool_policy(flat),
    rt.create_priority_model_policy("SERVER_DECLARED", 7),
  ]);
  const other = new PrioritySample(server);
  await sample.echo(await far(await own.activate(other)), "x");
  t.deepEqual(other.seen, [7], "what a POA says itself holds");
  set([]);
  const plain = await server.rootPOA.createPoa("plain");
  const none = new PrioritySample(server);
  await sample.echo(await far(await plain.activate(none)), "x");
  t.deepEqual(none.seen, [undefined]);
  await at(client, 15_000, reference);
  t.deepEqual(servant.seen, [25_000, 15_000], "POAs that are there keep theirs");
});

test("a default that does not go with a POA is InvalidPolicy, and says where it comes from", async (t) => {
  const { server } = await pair(t);
  const { rt, policyManager } = server;
  const pool = await lanePool(server);
  policyManager.set_policy_overrides([rt.create_threadpool_policy(pool)], "ADD_OVERRIDE");
  await t.throwsAsync(server.rootPOA.createPoa("p"), {
    instanceOf: InvalidPolicy,
    message:
      /needs a priorityModel \(the ORB's policy manager gives POAs that say nothing: threadpool\)/,
  });
  policyManager.set_policy_overrides([rt.create_threadpool_policy(99)], "ADD_OVERRIDE");
  await t.throwsAsync(server.rootPOA.createPoa("p"), {
    instanceOf: InvalidPolicy,
    message: /there is no thread pool 99/,
  });
});

test("set_policy_overrides: policies of POAs are the ORB's alone, one of a type, and right", async (t) => {
  const { server, far } = await pair(t);
  const { rt, policyManager } = server;
  const pool = rt.create_threadpool_policy(1);
  const reference = await far(await server.rootPOA.activate(new PrioritySample(server)));
  t.throws(() => reference._set_policy_overrides([pool], "SET_OVERRIDE"), {
    instanceOf: NO_PERMISSION,
    message: /type 41 \(threadpool\) is one of POAs; of these levels the ORB's takes it alone/,
  });
  const current = (await server.resolve_initial_references("PolicyCurrent")) as unknown as {
    set_policy_overrides(policies: readonly Policy[], how: string): void;
  };
  t.throws(() => current.set_policy_overrides([pool], "ADD_OVERRIDE"), {
    instanceOf: NO_PERMISSION,
  });
  const twice = t.throws(() => policyManager.set_policy_overrides([pool, pool], "SET_OVERRIDE"), {
    instanceOf: BAD_PARAM,
  });
  t.is(twice?.minor, MINOR.duplicatePolicyType);
  const wrong = { policy_type: 41, value: "one" } as unknown as Policy;
  t.throws(() => policyManager.set_policy_overrides([wrong], "SET_OVERRIDE"), {
    instanceOf: InvalidPolicies,
  });
  t.deepEqual(policyManager.get_policy_overrides([]), []);
});
