import test from "ava";
import { MINOR, NO_RESOURCES } from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { pair, PrioritySample } from "./support.ts";

const BANDS = [
  { low: 0, high: 9 },
  { low: 10, high: 99 },
];

test("validate_connection sets up the banded connection, and says what the server is to know of it; calls use it then", async (t) => {
  const seen: string[] = [];
  const initializers = {
    begin: () => ({
      server: {
        begin: ({ operation }: { readonly operation: string }) => {
          seen.push(operation);
          return {
            arrived: () => undefined,
            calling: () => undefined,
            run: <T>(call: () => T) => call(),
            end: <T>(end: T) => end,
            contexts: [],
          };
        },
      },
    }),
  };
  const { server, client, far } = await pair(t, { initializers });
  const { rt } = client;
  rt.bindsPriorityBands = true;
  const poa = await server.rootPOA.createPoa("p", {
    priorityModel: { model: "CLIENT_PROPAGATED", priority: 5 },
  });
  const reference = await far(await poa.activate(new PrioritySample(server)));
  const bands = rt.create_priority_banded_connection_policy(BANDS);
  const banded = reference._set_policy_overrides([bands], "SET_OVERRIDE");
  const valid = await rt.current.withPriority(50, () => banded._validate_connection());
  t.true(valid);
  t.deepEqual(seen.splice(0), ["_bind_priority_band"]);
  t.is(await rt.current.withPriority(60, () => sample.echo(banded, "x")), "x");
  t.deepEqual(seen.splice(0), ["echo"], "over the connection that is there");
  const error = await t.throwsAsync(
    rt.current.withPriority(500, () => banded._validate_connection()),
    { instanceOf: NO_RESOURCES },
  );
  t.is(error?.minor, MINOR.noConnectionForPriority);
});
