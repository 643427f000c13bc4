// Code sets are named once a connection.
import test from "ava";
import { CodeSet, type CodeSets, CdrOutput } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  codeSetsContext,
  type GiopMessage,
  RESPONSE,
} from "../../../orb/giop/index.ts";
import { MemoryTransport, MINOR, ORB_init } from "../../../orb/index.ts";
import { Sample } from "../../support/sample.ts";

test("a second code set context must name what the first did: MARSHAL OMG 9 otherwise", async (t) => {
  const transport = new MemoryTransport();
  await using server = await ORB_init([], { transport });
  const local = await server.rootPOA.activate(new Sample());
  server.rootPOA.the_POAManager.activate();
  const [target] = local._core.ownTargets;
  const [endpoint] = server.endpoints;
  if (target === undefined || endpoint === undefined) throw new TypeError("no server");
  const request = (requestId: number, sets: CodeSets | undefined): Uint8Array => {
    const out = new CdrOutput({ giopMinor: 2 });
    const codec = codecFor(2);
    beginMessage(out, "Request", 2);
    codec.writeRequestHeader(out, {
      requestId,
      responseFlags: RESPONSE.target,
      target: target.addressing,
      operation: "echo",
      contexts: sets === undefined ? [] : [codeSetsContext(sets)],
    });
    const headerEnd = codec.beginBody(out);
    out.string("text");
    return codec.endBody(out, headerEnd).slice();
  };
  const exchange = async (requests: readonly Uint8Array[]): Promise<string[]> => {
    const replies: string[] = [];
    const channel = await transport.connect(endpoint, new AbortController().signal);
    const assembler = new Assembler();
    const take = ({ input }: GiopMessage): void => {
      const { requestId, status } = codecFor(2).readReplyHeader(input);
      const what =
        status === "SYSTEM_EXCEPTION"
          ? `${input.string().split(/[/:]/).at(-2)} 0x${input.ulong().toString(16)}`
          : status;
      replies.push(`${requestId} ${what}`);
    };
    channel.start({
      data: (chunk) => assembler.consume(chunk, take),
      drained: () => undefined,
      closed: () => undefined,
    });
    for (const octets of requests) channel.send(octets);
    while (replies.length < requests.length) await new Promise((resolve) => setImmediate(resolve));
    channel.destroy();
    return replies;
  };
  const utf8 = { charSet: CodeSet.utf8, wcharSet: CodeSet.utf16 };
  const latin1 = { charSet: CodeSet.iso8859_1, wcharSet: CodeSet.utf16 };
  const refused = `MARSHAL 0x${MINOR.codeSetsChanged.toString(16)}`;
  t.is(MINOR.codeSetsChanged, 0x4f4d_0009);
  t.deepEqual(
    await exchange([
      request(2, undefined),
      request(4, utf8),
      request(6, utf8),
      request(8, latin1),
      request(10, undefined),
      request(12, utf8),
    ]),
    [
      "2 NO_EXCEPTION",
      "4 NO_EXCEPTION",
      "6 NO_EXCEPTION",
      `8 ${refused}`,
      "10 NO_EXCEPTION",
      "12 NO_EXCEPTION",
    ],
  );
  // Of another connection.
  t.deepEqual(await exchange([request(2, latin1)]), ["2 NO_EXCEPTION"]);
});
