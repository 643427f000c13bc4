import test from "ava";
import * as Metro from "../../../examples/metro/gen/Metro.ts";
import { Any, MemoryTransport } from "../../../orb/index.ts";
import { across, clientWatch, serverWatch, watchedOrb } from "./support.ts";

test("calls of generated code show their arguments, results and exceptions", async (t) => {
  const log: unknown[] = [];
  const plain = ({ type, value }: Any): unknown => [type.kind(), value];
  const note = (
    point: string,
    ri: {
      readonly arguments: readonly { readonly argument: Any }[];
      readonly result: Any;
      readonly exceptions: readonly { name(): string }[];
      readonly received_exception?: Any;
      readonly sending_exception?: Any;
    },
  ): void => {
    if (point.endsWith("_reply"))
      log.push([point, ri.arguments.map((p) => plain(p.argument)), plain(ri.result)]);
    if (point.endsWith("_exception")) {
      const { type, value } = (
        point.startsWith("send") ? ri.sending_exception : ri.received_exception
      ) as Any;
      log.push([
        point,
        type.name(),
        (value as Metro.Refused).reason,
        ri.exceptions.map((e) => e.name()),
      ]);
    }
  };
  const transport = new MemoryTransport();
  const server = await watchedOrb(t, transport, { servers: [serverWatch("S", note)] });
  const client = await watchedOrb(t, transport, { clients: [clientWatch("C", note)] });
  server.rootPOA.the_POAManager.activate();
  const station = {
    announce: (text: string) => {
      if (text === "") throw new Metro.Refused({ reason: "nothing to say", level: "alarm" });
      return { result: 3, at: 5n };
    },
  };
  const servant = Metro.Station.tie(station as unknown as Metro.StationServant);
  const near = await server.rootPOA.activate(servant);
  const far = Metro.Station.uncheckedNarrow(await across(client, server, near));
  await far.announce("mind the gap", "critical");
  await t.throwsAsync(far.announce("", "normal"), { instanceOf: Metro.Refused });
  const values = [
    ["tk_wstring", "mind the gap"],
    ["tk_enum", "critical"],
    ["tk_alias", 5n],
  ];
  t.deepEqual(log, [
    ["send_reply", values, ["tk_ulong", 3]],
    ["receive_reply", values, ["tk_ulong", 3]],
    ["send_exception", "Refused", "nothing to say", ["Refused"]],
    ["receive_exception", "Refused", "nothing to say", ["Refused"]],
  ]);
});
