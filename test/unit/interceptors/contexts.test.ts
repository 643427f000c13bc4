import test from "ava";
import { BAD_INV_ORDER, BAD_PARAM, type SystemException } from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { clientWatch, serverWatch, watchedPair } from "./support.ts";

const ID = 0x1234;

const context = (...octets: number[]): { context_id: number; context_data: Uint8Array } => ({
  context_id: ID,
  context_data: Uint8Array.from(octets),
});

for (const where of ["remote", "collocated"] as const)
  test(`contexts travel both ways, ${where}, with results and exceptions; oneway calls carry them, too`, async (t) => {
    const log: string[] = [];
    const clients = [
      clientWatch("C", (point, ri) => {
        if (point === "send_request") {
          ri.add_request_service_context(context(ri.operation.length), false);
          return;
        }
        if (point === "receive_other") return;
        const { context_data: data } = ri.get_reply_service_context(ID);
        log.push(`${point} ${data.join(" ")}`);
      }),
    ];
    const servers = [
      serverWatch("S", (point, ri) => {
        if (!point.startsWith("receive")) return;
        const { context_data: data } = ri.get_request_service_context(ID);
        log.push(`${point} ${data.join(" ")}`);
        if (point === "receive_request") ri.add_reply_service_context(context(1, 2, 3), false);
      }),
    ];
    const client = { clients };
    const pair = await watchedPair(
      t,
      where === "remote" ? client : {},
      where === "remote" ? { servers } : { servers, clients },
    );
    const target = where === "remote" ? pair.far : pair.near;
    await sample.echo(target, "x");
    await t.throwsAsync(sample.refuse(target, "no"));
    await t.throwsAsync(sample.refuse(target, "crash"));
    await sample.fire(target, 1);
    await pair.servant.called(4);
    const around = (length: number, end: string): string[] => [
      `receive_request_service_contexts ${length}`,
      `receive_request ${length}`,
      `${end} 1 2 3`,
    ];
    t.deepEqual(log, [
      ...around(4, "receive_reply"),
      ...around(6, "receive_exception"),
      ...around(6, "receive_exception"),
      ...around(4, "nothing").slice(0, 2),
    ]);
  });

test("a context that is there is replaced where that is said, else BAD_INV_ORDER 15; an absent one is BAD_PARAM 26", async (t) => {
  const minors: unknown[] = [];
  const note = (
    what: () => unknown,
    instanceOf: new (...rest: never[]) => SystemException,
  ): void => {
    const error = t.throws(what);
    t.true(error instanceof instanceOf);
    minors.push((error as SystemException).minor);
  };
  const clients = [
    clientWatch("C", (point, ri) => {
      if (point !== "send_request") {
        note(() => ri.get_reply_service_context(ID + 1), BAD_PARAM);
        return;
      }
      note(() => ri.get_request_service_context(ID), BAD_PARAM);
      ri.add_request_service_context(context(1), true);
      note(() => ri.add_request_service_context(context(2), false), BAD_INV_ORDER);
      ri.add_request_service_context(context(3), true);
      note(() => ri.get_effective_component(0x7fff), BAD_PARAM);
      note(() => ri.get_effective_components(0x7fff), BAD_PARAM);
    }),
  ];
  const servers = [
    serverWatch("S", (point, ri) => {
      if (point !== "receive_request") return;
      t.deepEqual([...ri.get_request_service_context(ID).context_data], [3]);
      note(() => ri.get_request_service_context(ID + 1), BAD_PARAM);
      ri.add_reply_service_context(context(1), false);
      note(() => ri.add_reply_service_context(context(2), false), BAD_INV_ORDER);
    }),
  ];
  const { far } = await watchedPair(t, { clients }, { servers });
  await sample.echo(far, "x");
  t.deepEqual(
    minors.map((minor) => Number(minor) & 0xfff),
    [26, 15, 28, 28, 26, 15, 26],
  );
});

test("what an interceptor adds or is given is its own copy", async (t) => {
  const data = Uint8Array.of(1);
  const clients = [
    clientWatch("C", (point, ri) => {
      if (point !== "send_request") return;
      ri.add_request_service_context({ context_id: ID, context_data: data }, false);
      data[0] = 9;
      ri.get_request_service_context(ID).context_data[0] = 8;
    }),
  ];
  const seen: number[] = [];
  const servers = [
    serverWatch("S", (point, ri) => {
      if (point === "receive_request")
        seen.push(...ri.get_request_service_context(ID).context_data);
    }),
  ];
  const { far } = await watchedPair(t, { clients }, { servers });
  await sample.echo(far, "x");
  t.deepEqual(seen, [1]);
});
