import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import test from "ava";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import { beginMessage, codecFor, endMessage } from "../../../orb/giop/index.ts";
import { type Logger, ORB_init } from "../../../orb/index.ts";
import { type Channel, tcpTransport } from "../../../orb/transport/index.ts";
import { TestProcess } from "../../support/process.ts";
import { Ear, NEVER } from "../transport/suite.ts";

const PROGRAM: string = fileURLToPath(new URL("./killed.js", import.meta.url));

/** A question that every ORB answers, be the object there or not. */
function question(): Uint8Array {
  const out = new CdrOutput();
  beginMessage(out, "LocateRequest", 2);
  const target = { by: "key", objectKey: Buffer.from("nobody") } as const;
  codecFor(2).writeLocateRequestHeader(out, { requestId: 2, target });
  return endMessage(out).slice();
}

interface Idle {
  readonly socket: Socket;
  /** `end`, or the code of the error. */
  readonly outcome: Promise<string>;
}

/** A connection that the server has accepted and answered on. */
async function idle(port: number): Promise<Idle> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const outcome = new Promise<string>((resolve) => {
    socket.on("error", (error) => resolve(String((error as { code?: string }).code)));
    socket.on("end", () => resolve("end"));
  });
  socket.write(question());
  await once(socket, "data");
  return { socket, outcome };
}

async function serving(
  resets: boolean,
): Promise<{ server: TestProcess; ports: readonly number[] }> {
  const server = new TestProcess(process.execPath, [PROGRAM, String(resets)]);
  const [, found = ""] = await server.match(/^ports (.*)$/mu);
  return { server, ports: JSON.parse(found) as number[] };
}

/** What a connection of our own ORB's side is told. */
async function ownIdle(port: number): Promise<{ channel: Channel; outcome: Promise<string> }> {
  const channel = await tcpTransport.connect({ host: "127.0.0.1", port }, NEVER);
  const ear = new Ear(channel);
  channel.send(question());
  await ear.heard(1);
  const codeOf = (cause: Error | undefined): string =>
    cause === undefined ? "end" : String((cause as { code?: string }).code);
  return { channel, outcome: ear.closed.then(codeOf) };
}

for (const resets of [true, false])
  test(`killed with resetOnCrash ${resets}: idle connections ${resets ? "are reset" : "end"}`, async (t) => {
    const { server, ports } = await serving(resets);
    await using _ended = server;
    const all = await Promise.all(ports.flatMap((port) => [idle(port), ownIdle(port)]));
    server.kill("SIGKILL");
    const wanted = resets ? "ECONNRESET" : "end";
    const outcomes = await Promise.all(all.map(({ outcome }) => outcome));
    t.deepEqual(outcomes, [wanted, wanted, wanted, wanted]);
  });

test("what a living server ends in order is not reset", async (t) => {
  const { server, ports } = await serving(true);
  await using _ended = server;
  const left = await Promise.all(ports.flatMap((port) => [idle(port), ownIdle(port)]));
  for (const each of left) ("socket" in each ? each.socket : each.channel).end();
  const wrong = await Promise.all(ports.map((port) => idle(port)));
  // What is no GIOP is answered with MessageError, and then the connection ends.
  for (const { socket } of wrong) socket.write("GET / HTTP/1.1\r\n\r\n");
  const outcomes = await Promise.all([...left, ...wrong].map(({ outcome }) => outcome));
  t.deepEqual(outcomes, Array<string>(6).fill("end"));
  for (const { socket } of wrong) socket.destroy();
});

test("without what the addon has, resetOnCrash does nothing and says so", async (t) => {
  const said: string[] = [];
  const nothing = (): void => undefined;
  const logger: Logger = {
    debug: nothing,
    info: nothing,
    warn: (line) => void said.push(line),
    error: nothing,
  };
  await using orb = await ORB_init([], { logger, config: { orb: { resetOnCrash: true } } });
  t.is(orb.endpoints.length, 1);
  t.is(said.length, 1);
  t.regex(said[0] ?? "", /orb\.resetOnCrash does nothing: .*loadNative\(\)/u);
  await t.throwsAsync(ORB_init([], { config: { orb: { resetOnCrash: "yes" as never } } }), {
    message: /orb\.resetOnCrash is yes; allowed: true, false/u,
  });
});
