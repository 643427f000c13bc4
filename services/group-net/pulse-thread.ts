import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { parentPort, workerData } from "node:worker_threads";
import {
  decodeDatagram,
  encodeDatagram,
  monotonicMs,
  NONCE_OCTETS,
  type PulseDatagram,
  type PulseNews,
  type PulseOrder,
  type PulseStart,
} from "./pulse-words.ts";

// Of other folders nothing is loaded here: an ORB would take several times the memory of this thread.

/** Hosts that are asked; what the one asked first answers is not heard any more. */
const MOST_ASKED = 256;
/** Datagrams that wait to leave. */
const MOST_QUEUED = 64;

if (parentPort === null) throw new TypeError("pulse-thread is started as a worker thread");
const main = parentPort;
const { at, own, beatAtMs } = workerData as PulseStart;
const isSix = at.host.includes(":");
const socket = createSocket({ type: isSix ? "udp6" : "udp4" });
/** Addresses that are asked, by what their answers repeat. */
const asked = new Map<string, string>();

function tell(news: PulseNews): void {
  main.postMessage(news);
}

function send(datagram: PulseDatagram, port: number, host: string): void {
  if (socket.getSendQueueCount() >= MOST_QUEUED) return;
  const to = isSix && !host.includes(":") ? `::ffff:${host}` : host;
  // What does not arrive is not answered.
  socket.send(encodeDatagram(datagram), port, to, () => undefined);
}

function ask({ address, at: to }: PulseOrder): void {
  const known = [...asked].find(([, other]) => other === address)?.[0];
  // An answer may take longer than it is until the next question.
  const name = known ?? randomBytes(NONCE_OCTETS).toString("latin1");
  asked.set(name, address);
  for (const oldest of asked.keys())
    if (asked.size > MOST_ASKED) asked.delete(oldest);
    else break;
  send({ kind: "question", nonce: Buffer.from(name, "latin1"), address }, to.port, to.host);
}

function take(octets: Buffer, port: number, host: string): void {
  const datagram = decodeDatagram(octets);
  if (datagram?.kind === "question" && datagram.address === own) {
    const quietMs = Math.max(0, (monotonicMs() - Atomics.load(beatAtMs, 0)) | 0);
    send({ kind: "answer", nonce: datagram.nonce, quietMs }, port, host);
  } else if (datagram?.kind === "answer") {
    const name = Buffer.from(datagram.nonce).toString("latin1");
    const address = asked.get(name);
    if (!asked.delete(name) || address === undefined) return;
    tell({ address, quietMs: datagram.quietMs });
  }
}

// An endpoint that cannot be had ends the thread, with the reason.
socket.bind(at.port, at.host, () => {
  socket.on("message", (octets, from) => take(octets, from.port, from.address));
  main.on("message", ask);
});
