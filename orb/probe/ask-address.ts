import { type Clock, concat, Deferred, systemClock } from "../base/index.ts";
import { SystemException } from "../exception/index.ts";
import { Assembler, GiopFault } from "../giop/index.ts";
import { type Channel, tcpTransport, type Transport } from "../transport/index.ts";
import type { ProbeAnswer, ProbeLimits, ProbeQuestion } from "./answer.ts";
import { readAnswer, writeQuestion } from "./messages.ts";

/** An answer takes no more; what is longer is none. */
const MAX_ANSWER_OCTETS = 1 << 20;
/** Of another protocol, to be shown to people. */
const SHOWN_OCTETS = 64;

/** What the question runs on. */
export interface ProbeMeans {
  readonly transport?: Transport;
  readonly clock?: Clock;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown";
}

type Connected = { readonly channel: Channel } | { readonly answer: ProbeAnswer };

async function connect(
  { host, port, path }: ProbeQuestion,
  { connectMs, signal }: ProbeLimits,
  { transport, clock }: Required<ProbeMeans>,
): Promise<Connected> {
  const limit = new AbortController();
  const timer = clock.timer(connectMs, () => limit.abort(new Error("the connect limit passed")));
  try {
    const to = path === undefined ? { host, port } : { host, port, path };
    return { channel: await transport.connect(to, AbortSignal.any([limit.signal, signal])) };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.signal.aborted) return { answer: { kind: "connectTimeout" } };
    const text = error instanceof Error ? error.message : String(error);
    return { answer: { kind: "notConnected", code: codeOf(error), text } };
  } finally {
    timer.cancel();
  }
}

/** The answer that octets break off with. */
function faultAnswer(fault: unknown, octets: Uint8Array): ProbeAnswer {
  if (fault instanceof GiopFault && fault.kind === "unsupportedVersion") {
    return { kind: "messageError" };
  }
  if (fault instanceof GiopFault || fault instanceof SystemException) {
    return { kind: "otherProtocol", octets: octets.slice(0, SHOWN_OCTETS) };
  }
  throw fault;
}

/** Sends the question and takes the first answer. */
async function converse(
  channel: Channel,
  question: ProbeQuestion,
  { answerMs, signal }: ProbeLimits,
  clock: Clock,
): Promise<ProbeAnswer> {
  const answered = new Deferred<ProbeAnswer>();
  const assembler = new Assembler({ maxMessageOctets: MAX_ANSWER_OCTETS });
  let seen: Uint8Array = new Uint8Array(0);
  const timer = clock.timer(answerMs, () =>
    answered.resolve(
      // Less than a GIOP header: the other side waits for more, too.
      seen.length > 0 ? { kind: "otherProtocol", octets: seen } : { kind: "silent" },
    ),
  );
  const onAbort = (): void => answered.reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  channel.start({
    data: (chunk) => {
      if (seen.length < SHOWN_OCTETS) seen = concat([seen, chunk.subarray(0, SHOWN_OCTETS)]);
      try {
        assembler.consume(chunk, (message) => {
          const answer = readAnswer(message, question.ask.by);
          if (answer !== undefined) answered.resolve(answer);
        });
      } catch (fault) {
        answered.resolve(faultAnswer(fault, seen));
      }
    },
    drained: () => undefined,
    closed: () =>
      answered.resolve(
        seen.length > 0 ? { kind: "otherProtocol", octets: seen } : { kind: "closed" },
      ),
  });
  channel.send(writeQuestion(question));
  try {
    return await answered.promise;
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
    channel.destroy();
  }
}

/**
 * Puts one question to one address, over a connection of its own: for tools that find out why an object
 * is not reached. Neither retries nor follows forwards.
 * @throws the signal's reason when it is aborted
 */
export async function askAddress(
  question: ProbeQuestion,
  limits: ProbeLimits,
  means: ProbeMeans = {},
): Promise<ProbeAnswer> {
  const { transport = tcpTransport, clock = systemClock } = means;
  limits.signal.throwIfAborted();
  const connected = await connect(question, limits, { transport, clock });
  if ("answer" in connected) return connected.answer;
  return await converse(connected.channel, question, limits, clock);
}
