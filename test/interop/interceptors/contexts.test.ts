// Interceptors of ours where the other side is omniORB, whose own are not portable: what they send passes through it,
// and what they see is what it does.
import type { ExecutionContext } from "ava";
import { portable } from "../../../interceptors/index.ts";
import { type Any, ORB_init, type SystemException, UNKNOWN } from "../../../orb/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { given } from "../checks/check.ts";
import { runCppClient, startCppServer } from "../cpp-peers.ts";
import * as Interop from "../gen/Interop.ts";
import { declareCheck } from "../results.ts";
import { Root } from "../servants/root.ts";
import { registerValues } from "../servants/sample-values.ts";

const peers = await findPeers();

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`interceptors/${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

/** Of nobody. */
const CONTEXT = { context_id: 0x4f57_0200, context_data: Uint8Array.of(1, 2, 3, 4, 5) };
const CODE_SETS = 1;

declare("omniorb_server", async (t, found) => {
  const log: unknown[] = [];
  const nameOf = ({ type }: Any): string => type.name();
  const initializers = portable([
    {
      pre_init: (info) =>
        info.add_client_request_interceptor({
          name: "C",
          send_request: (ri) => ri.add_request_service_context(CONTEXT, false),
          receive_reply: (ri) => {
            if (ri.operation !== "maybe") return;
            log.push([ri.result.value, ri.arguments.map(({ argument }) => argument.value)]);
          },
          receive_exception: (ri) =>
            void log.push([
              ri.reply_status,
              nameOf(ri.received_exception),
              ri.received_exception_id,
            ]),
        }),
    },
  ]);
  await using server = await startCppServer(found);
  await using orb = await ORB_init([], { initializers });
  const root = given(await Interop.Root.narrow(await orb.string_to_object(server.ior)));
  const faults = given(await root._get_of_faults());
  await faults.maybe(6);
  await t.throwsAsync(faults.maybe(-1), { instanceOf: Interop.Refused });
  await t.throwsAsync(faults.raise_undeclared("why"), { instanceOf: UNKNOWN });
  await t.throwsAsync(faults.raise_system("MARSHAL", 5, "completed_yes"));
  t.deepEqual(log, [
    [7, [7, "6"]],
    [2, "Refused", "IDL:test.orbweaver/Interop/Refused:1.0"],
    [1, "UNKNOWN", "IDL:omg.org/CORBA/UNKNOWN:1.0"],
    [1, "MARSHAL", "IDL:omg.org/CORBA/MARSHAL:1.0"],
  ]);
});

declare("omniorb_client", async (t, found) => {
  let withCodeSets = 0;
  const seen = new Set<string>();
  const initializers = portable([
    {
      pre_init: (info) =>
        info.add_server_request_interceptor({
          name: "S",
          receive_request_service_contexts: (ri) => {
            ri.add_reply_service_context(CONTEXT, false);
            try {
              if (ri.get_request_service_context(CODE_SETS).context_data.length === 12)
                withCodeSets++;
            } catch (error) {
              t.is((error as SystemException).name, "BAD_PARAM");
            }
          },
          send_reply: (ri) => void seen.add(`reply ${ri.operation}`),
          send_exception: (ri) =>
            void seen.add(`${ri.sending_exception.type.name()} ${ri.operation}`),
          send_other: (ri) => void seen.add(`other ${ri.operation}`),
        }),
    },
  ]);
  await using orb = await ORB_init([], { initializers });
  registerValues(orb);
  const root = new Root(orb);
  orb.rootPOA.activate_object(root);
  const ior = orb.object_to_string(root._this());
  await root.prepare();
  orb.rootPOA.the_POAManager.activate();
  const names = ["primitives.ping", "texts.echo_string", "faults.raise_refused", "oneways.add"];
  const outcomes = await runCppClient(found, ior, names);
  t.deepEqual(outcomes, new Map(names.map((name) => [name, undefined])));
  t.true(withCodeSets > 0);
  t.true(seen.has("reply ping"));
  t.true([...seen].some((line) => line.startsWith("Refused ")));
  t.true([...seen].some((line) => line.startsWith("other ")));
});
