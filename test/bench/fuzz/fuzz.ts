import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { seededRandom } from "../../../orb/base/index.ts";
import type { Random } from "../../../orb/index.ts";
import { ObservedTransport } from "../../../orb/trace/index.ts";
import { tcpTransport } from "../../../orb/transport/index.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { Program } from "../program.ts";
import { passing, runRound } from "../soak/load.ts";
import type { State } from "../soak/state.ts";
import { messagesIn, mutate } from "./mutate.ts";

const SERVER = fileURLToPath(new URL("../soak/server.js", import.meta.url));
const SAY_TIMEOUT_MS = 60_000;
const MESSAGES = 100_000;
const QUICK_MESSAGES = 5_000;
/** The first that the server cannot make sense of ends its connection, so they are few. */
const MESSAGES_A_CONNECTION = 4;
const CONNECTIONS_AT_ONCE = 16;
/** A server that has not closed by then, once it was told that nothing more comes, hangs. */
const CLOSE_TIMEOUT_MS = 20_000;
/** Reply, LocateReply. */
const ANSWER_TYPES: ReadonlySet<number> = new Set([1, 4]);
const TYPE_AT = 7;
const LARGEST_SAMPLE_OCTETS = 16_384;
/** What the server's heap may have grown by at the end. */
const HEAP_SLACK_OCTETS = 24 << 20;

/** Runs checks once. @returns what was sent, message by message, and those that failed */
async function rehearse(
  ior: string,
  names: readonly string[],
): Promise<{ sent: Buffer[]; failed: string[]; port: number }> {
  const streams: Buffer[][] = [];
  const transport = new ObservedTransport(tcpTransport, (side) => {
    const stream: Buffer[] = [];
    if (side === "client") streams.push(stream);
    return {
      sent: (octets) => void stream.push(Buffer.from(octets)),
      received: () => undefined,
      queued: () => undefined,
      closed: () => undefined,
    };
  });
  const { outcomes, port } = await runRound(ior, names, transport);
  const failed = [...outcomes].flatMap(([name, text]) =>
    text === undefined ? [] : [`${name}: ${text}`],
  );
  const sent = streams
    .flatMap((stream) => messagesIn(Buffer.concat(stream)))
    .filter(({ length }) => length <= LARGEST_SAMPLE_OCTETS);
  return { sent, failed, port };
}

/** Sends octets and nothing more. @returns how many answers came; undefined when the server keeps the connection */
function send(port: number, octets: Buffer): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const received: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(undefined);
    }, CLOSE_TIMEOUT_MS);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(messagesIn(Buffer.concat(received)).filter(isAnswer).length);
    });
    socket.on("data", (chunk) => received.push(chunk as Buffer));
    socket.end(octets);
  });
}

function isAnswer(message: Buffer): boolean {
  return ANSWER_TYPES.has(message[TYPE_AT] ?? 0);
}

interface Attacked {
  /** Connections that the server kept. */
  kept: number;
  /** Replies and LocateReplies: requests of which the server made sense. */
  answered: number;
}

/** One of those that send at the same time. */
async function attack(
  port: number,
  samples: readonly Buffer[],
  random: Random,
  batches: number,
): Promise<Attacked> {
  const result: Attacked = { kept: 0, answered: 0 };
  for (let i = 0; i < batches; i++) {
    const batch = Array.from({ length: MESSAGES_A_CONNECTION }, (_, at) => {
      const sample = samples[Math.floor(random.number() * samples.length)] ?? Buffer.alloc(12);
      return mutate(sample, random, at === MESSAGES_A_CONNECTION - 1);
    });
    const answered = await send(port, Buffer.concat(batch));
    if (answered === undefined) result.kept++;
    else result.answered += answered;
  }
  return result;
}

async function stateOf(server: Program): Promise<State> {
  server.say("state");
  return JSON.parse(await server.hear("state", SAY_TIMEOUT_MS)) as State;
}

/**
 * Sends changed messages of every check to a live server. It must close each connection that nothing more comes
 * on, answer every check afterwards as it did before, and give back memory and descriptors.
 * @throws Error when it does not
 */
export async function fuzz(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const count = options.messages ?? (options.isQuick ? QUICK_MESSAGES : MESSAGES);
  const seed = options.seed ?? 1 + (Date.now() % 1_000_000);
  await using server = new Program([process.execPath, "--expose-gc", SERVER]);
  const ior = await server.hear("ready", SAY_TIMEOUT_MS);
  const names = await passing(ior);
  const { sent: samples, failed, port } = await rehearse(ior, names);
  if (failed.length > 0) throw new Error(`fuzz: checks failed before:\n${failed.join("\n")}`);
  print(`fuzz: ${count} messages made of ${samples.length}, seed ${seed}`);
  const before = await stateOf(server);
  const started = performance.now();
  const batches = Math.ceil(count / MESSAGES_A_CONNECTION / CONNECTIONS_AT_ONCE);
  const attacks = await Promise.all(
    Array.from({ length: CONNECTIONS_AT_ONCE }, (_, i) =>
      attack(port, samples, seededRandom(seed + i), batches),
    ),
  );
  const seconds = (performance.now() - started) / 1_000;
  const faults = (await rehearse(ior, names)).failed.map((text) => `afterwards ${text}`);
  const after = await stateOf(server);
  const keptCount = attacks.reduce((sum, { kept }) => sum + kept, 0);
  const answered = attacks.reduce((sum, one) => sum + one.answered, 0);
  const sentCount = batches * MESSAGES_A_CONNECTION * CONNECTIONS_AT_ONCE;
  const mib = (octets: number): string => `${(octets / (1 << 20)).toFixed(1)} MiB`;
  print(
    `${sentCount} sent in ${seconds.toFixed(1)} s, ${answered} answered; heap ${mib(before.heap)} → ${mib(after.heap)}, descriptors ${before.descriptors} → ${after.descriptors}`,
  );
  if (keptCount > 0) faults.push(`${keptCount} connections were kept open`);
  if (after.descriptors > before.descriptors) faults.push("descriptors were not given back");
  if (after.heap > before.heap + HEAP_SLACK_OCTETS) faults.push("memory was not given back");
  if (faults.length > 0) throw new Error(`fuzz, seed ${seed}:\n${faults.join("\n")}`);
  return [];
}
