import test from "ava";
import { Line } from "../../../examples/metro/oporto/line.ts";
import { CosNaming } from "../../../idl/index.ts";
import { noLogger } from "../../../orb/base/index.ts";
import { ORB_init, TRANSIENT } from "../../../orb/index.ts";
import { nameFromString, startNaming } from "../../../services/naming/index.ts";
import type { ServiceContext } from "../../../services/peer/index.ts";

test("a line whose start failed, as nobody answered for its names, starts the next time", async (t) => {
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  await using names = await startNaming({ orb });
  const poa = await orb.rootPOA.createPoa("services", { idAssignment: "USER_ID" });
  orb.rootPOA.the_POAManager.activate();
  const begin = async (naming: CosNaming.NamingContext | null): Promise<Line> => {
    const line = new Line("E");
    const reference = await poa.activate("line-E", line);
    const context = { name: "line-E", peer: "test", orb, poa, reference, logger: noLogger };
    try {
      await line._beginService({ ...context, naming, discovery: undefined } as ServiceContext);
      return line;
    } catch (thrown) {
      // As a peer does.
      poa.deactivate_object(poa.reference_to_id(reference));
      await line[Symbol.asyncDispose]();
      throw thrown;
    }
  };
  const nobody = await orb.string_to_object("corbaloc::127.0.0.1:1/NameService");
  await t.throwsAsync(begin(CosNaming.NamingContext.uncheckedNarrow(nobody)), {
    instanceOf: TRANSIENT,
  });
  const root = CosNaming.NamingContext.uncheckedNarrow(names.root);
  const line = await begin(root);
  const name = nameFromString("metro/stations/aeroporto.station");
  t.truthy(await root?.resolve(name));
  await line[Symbol.asyncDispose]();
  await t.throwsAsync(async () => await root?.resolve(name), {
    instanceOf: CosNaming.NamingContext.NotFound,
  });
});
