import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { connect, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import type { ExecutionContext } from "ava";
import {
  type Ior,
  iorToString,
  type TaggedComponent,
  writeIiopProfile,
} from "../../../orb/ior/index.ts";
import { describeReference, ORB_init, type ORB } from "../../../orb/index.ts";
import {
  type AddressProbe,
  type FindingCode,
  type Network,
  probeReference,
  type ReferenceProbe,
  systemNetwork,
} from "../../../services/probe/index.ts";

/** An address of this machine that is not the loopback's: what other machines would use. */
export const OUTER: string | undefined = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

/** A reference with one profile. */
export function referenceTo(
  host: string,
  port: number,
  more: {
    readonly minor?: number;
    readonly typeId?: string;
    readonly key?: string;
    readonly components?: readonly TaggedComponent[];
  } = {},
): string {
  const { minor = 2, typeId = "IDL:Staged/Thing:1.0", key = "thing", components = [] } = more;
  const profile = { minor, host, port, objectKey: Buffer.from(key), components };
  const ior: Ior = { typeId, profiles: [writeIiopProfile(profile)] };
  return iorToString(ior);
}

/** Listens with `talk` for each connection. @returns the port */
export async function listening(
  t: ExecutionContext,
  host: string,
  talk: (socket: Socket) => void,
): Promise<number> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A port at which nothing listens any more. */
export async function closedPort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** An ORB of ours at the address. */
export async function served(t: ExecutionContext, host: string): Promise<ORB> {
  const orb = await ORB_init(["-ORBListenEndpoints", `iiop://${host}:0`]);
  t.teardown(() => orb.destroy());
  return orb;
}

/** Accepts one connection at most, and that only in the kernel: further ones are not even refused. */
const BLACK_HOLE = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: process.argv[1], backlog: 1 }, () => console.log(server.address().port));
`;

/** A port that swallows connections without a word: its process is stopped and its queue full. */
export async function blackHole(t: ExecutionContext, host: string): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, ["-e", BLACK_HOLE, host], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  if (child.stdout === null) throw new TypeError("the child has an output");
  const port = await new Promise<number>((resolve) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once("line", (line) =>
      resolve(Number(line)),
    );
  });
  child.kill("SIGSTOP");
  await fill(t, host, port);
  return port;
}

/** Connects until the kernel takes no more: until one connect has not been made within a second. */
async function fill(t: ExecutionContext, host: string, port: number): Promise<void> {
  for (let count = 0; count < 64; count++) {
    const socket = connect({ host, port });
    t.teardown(() => socket.destroy());
    const isTaken = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), 1_000);
      socket.on("error", () => undefined);
      socket.once("connect", () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    if (!isTaken) return;
  }
  throw new Error("the kernel takes connections without end");
}

/** Of each connection and each answer. */
export const TIMEOUT_MS: number = 400;

/** What was found, and what at the first address. */
export async function probed(
  reference: string,
  network: Network = systemNetwork,
): Promise<{ probe: ReferenceProbe; first: AddressProbe }> {
  const probe = await probeReference(describeReference(reference), {
    timeoutMs: TIMEOUT_MS,
    network,
  });
  const [first] = probe.addresses;
  if (first === undefined) throw new TypeError("the reference has an address");
  return { probe, first };
}

/** The first address is at fault as told, and there is advice. */
export async function faulty(
  t: ExecutionContext,
  reference: string,
  code: FindingCode,
  what: RegExp,
  network?: Network,
): Promise<AddressProbe> {
  const { probe, first } = await probed(reference, network);
  t.false(probe.isReached);
  t.is(first.finding.code, code, first.steps.join("\n"));
  t.regex(first.finding.what, what);
  t.not(first.finding.mend, "");
  return first;
}
