import test, { type ExecutionContext } from "ava";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import {
  ADDRESSING,
  beginMessage,
  codecFor,
  endMessage,
  type MessageHeader,
  readMessageHeader,
} from "../../../orb/giop/index.ts";
import {
  type DispatchGate,
  MemoryTransport,
  type ObjectReference,
  ORB_init,
  type Outcome,
  type ORB,
  TRANSIENT,
} from "../../../orb/index.ts";
import { messagesIn } from "../../support/captured.ts";
import { Frames } from "../../support/frames.ts";
import { Sample, sample } from "../../support/sample.ts";

const PLACE = { host: "127.0.0.1", port: 7300 };

function headerOf(frame: Buffer): MessageHeader {
  const [message] = messagesIn(frame);
  if (message === undefined) throw new RangeError("no message");
  return readMessageHeader(message);
}

function needsAddressingMode(requestId: number, isLocate: boolean, mode: number): Uint8Array {
  const out = new CdrOutput();
  const codec = codecFor(2);
  beginMessage(out, isLocate ? "LocateReply" : "Reply", 2);
  if (isLocate) {
    codec.writeLocateReplyHeader(out, { requestId, status: "LOC_NEEDS_ADDRESSING_MODE" });
    return endMessage(out.short(mode));
  }
  codec.writeReplyHeader(out, { requestId, status: "NEEDS_ADDRESSING_MODE", contexts: [] });
  const headerEnd = codec.beginBody(out);
  out.short(mode);
  return codec.endBody(out, headerEnd);
}

interface Scene {
  readonly server: ORB;
  readonly client: ORB;
  /** How the messages that came in between named their target, or what their reply said. */
  readonly seen: string[];
}

/**
 * A client whose messages to the server pass through somebody who wants objects to be named in his way.
 * @param wanted what he asks for, by message; undefined lets it through
 */
async function scene(
  t: ExecutionContext,
  wanted: (by: string) => number | undefined,
): Promise<Scene> {
  const transport = new MemoryTransport();
  const publish = [`${PLACE.host}:${PLACE.port}`];
  const server = await ORB_init([], { transport, config: { orb: { publish } } });
  const client = await ORB_init([], { transport });
  const seen: string[] = [];
  const listener = await transport.listen(PLACE, (near) => {
    const [endpoint = PLACE] = server.endpoints;
    const frames = new Frames();
    const connecting = transport.connect(endpoint, new AbortController().signal).then((far) => {
      far.start({
        data: (chunk) => {
          const header = headerOf(Buffer.from(chunk));
          if (header.type === "Reply") seen.push(header.status);
          near.send(chunk);
        },
        drained: () => undefined,
        closed: () => near.end(),
      });
      return far;
    });
    near.start({
      data: (chunk) => {
        for (const frame of frames.push(Buffer.from(chunk))) {
          const header = headerOf(frame);
          if (header.type === "Request" || header.type === "LocateRequest") {
            seen.push(header.target.by);
            const mode = wanted(header.target.by);
            if (mode !== undefined) {
              const isLocate = header.type === "LocateRequest";
              near.send(needsAddressingMode(header.requestId, isLocate, mode));
              continue;
            }
          }
          void connecting.then((far) => far.send(frame));
        }
      },
      drained: () => undefined,
      closed: () => void connecting.then((far) => far.end()),
    });
  });
  server.rootPOA.the_POAManager.activate();
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
    await listener.close();
  });
  return { server, client, seen };
}

for (const [mode, by] of ADDRESSING.entries()) {
  if (by === "key") continue;
  test(`NEEDS_ADDRESSING_MODE: a request is sent again by ${by}, and our server answers it`, async (t) => {
    const { server, client, seen } = await scene(t, (named) => (named === by ? undefined : mode));
    const local = await server.rootPOA.activate(new Sample());
    const reference = await client.string_to_object(server.object_to_string(local));
    if (reference === null) throw new TypeError("nil");
    t.is(await sample.echo(reference, "found"), "found");
    t.deepEqual(seen, ["key", by, "NO_EXCEPTION"]);
    seen.length = 0;
    t.true(await reference._validate_connection());
    t.deepEqual(seen, [by], "remembered");
    seen.length = 0;
    const another = await client.string_to_object(server.object_to_string(local));
    t.true(await another?._validate_connection());
    t.deepEqual(seen, ["key", by], "LOC_NEEDS_ADDRESSING_MODE");
  });
}

test("a server that is content with no addressing mode ends the call", async (t) => {
  const { server, client, seen } = await scene(t, (named) => (named === "profile" ? 2 : 1));
  const local = await server.rootPOA.activate(new Sample());
  const reference = await client.string_to_object(server.object_to_string(local));
  if (reference === null) throw new TypeError("nil");
  const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
  t.regex(error?.message ?? "", /addressed/);
  t.is(error?.completed, "COMPLETED_NO");
  t.true(seen.length < 20, `${seen.length} requests`);
});

test("LOCATION_FORWARD_PERM is followed; below GIOP 1.2 it is sent as LOCATION_FORWARD", async (t) => {
  const { server, client, seen } = await scene(t, () => undefined);
  const there = await server.rootPOA.activate(new Sample());
  const to = there._core.ior;
  const gate: DispatchGate = {
    attach: () => undefined,
    admit: (): Outcome => ({ kind: "forward", to, permanent: true, contexts: [] }),
  };
  const poa = await server.rootPOA.createPoa("gated", { gate });
  const gated = await poa.activate(new Sample());
  const reference = await client.string_to_object(server.object_to_string(gated));
  if (reference === null) throw new TypeError("nil");
  t.is(await sample.echo(reference, "moved"), "moved");
  t.deepEqual(
    seen.filter((what) => what !== "key"),
    ["LOCATION_FORWARD_PERM", "NO_EXCEPTION"],
  );
  seen.length = 0;
  server.bindPlainKey("Gated", gated);
  const old = await client.string_to_object(`corbaloc:iiop:1.1@${PLACE.host}:${PLACE.port}/Gated`);
  if (old === null) throw new TypeError("nil");
  t.is(await sample.echo(old, "moved"), "moved");
  t.deepEqual(
    seen.filter((what) => what !== "key"),
    ["LOCATION_FORWARD", "NO_EXCEPTION"],
  );
});

test("a plain key that is forwarded for good leaves no way back to the server that said so", async (t) => {
  const transport = new MemoryTransport();
  const start = async (at: string): Promise<ORB> => {
    const orb = await ORB_init(["-ORBListenEndpoints", at], { transport });
    t.teardown(() => orb.destroy());
    orb.rootPOA.the_POAManager.activate();
    return orb;
  };
  const [first, second, client] = [
    await start("iiop://first:1"),
    await start("iiop://second:2"),
    await start("iiop://client:3"),
  ];
  const there = await second.rootPOA.activate(new Sample());
  const text = second.object_to_string(there);
  const moved = async (permanent: boolean): Promise<ObjectReference> => {
    first.bindPlainKey("Moved", await first.string_to_object(text), { permanent });
    const reference = await client.string_to_object("corbaloc:iiop:1.2@first:1/Moved");
    if (reference === null) throw new TypeError("nil");
    t.is(await sample.echo(reference, "x"), "x");
    return reference;
  };
  const forGood = await moved(true);
  t.false(forGood._core.isForwarded);
  const forNow = await moved(false);
  t.true(forNow._core.isForwarded);
  // It keeps its identity all the same.
  t.true(forGood._is_equivalent(forNow));
  await second.destroy();
  first.bindPlainKey("Moved", await first.rootPOA.activate(new Sample()));
  t.is(await sample.echo(forNow, "back"), "back");
  const error = await t.throwsAsync(sample.echo(forGood, "x"), { instanceOf: TRANSIENT });
  t.regex(error?.message ?? "", /no connection to second:2/);
});
