// Our own client: stubs as a user would call them.
import { performance } from "node:perf_hooks";
import { ORB_init, type Transport } from "orbweaver/orb";
import { clientArguments, obey, payload } from "./client-loop.ts";
import type { Load } from "./client-loop.ts";
import { transportOf } from "../transport.ts";
import * as Bench from "../gen/Bench.js";

/** Calls one after the other until the instant. */
async function callUntil(
  target: Bench.Reflector,
  data: Uint8Array,
  untilMs: number,
  record: (tookMs: number) => void,
): Promise<void> {
  for (let sentMs = performance.now(); ; ) {
    const reply = await target.echo(data);
    if (reply.length !== data.length) throw new Error("a reply of another length");
    const nowMs = performance.now();
    record(nowMs - sentMs);
    if (nowMs >= untilMs) return;
    sentMs = nowMs;
  }
}

/** An ORB of its own for each connection: one ORB sends all its calls to a server on one. */
async function connect(
  ior: string,
  transport: Transport,
): Promise<{ target: Bench.Reflector; close: () => Promise<void> }> {
  const orb = await ORB_init([], { transport });
  const target = await Bench.Reflector.narrow(await orb.string_to_object(ior));
  if (target === null) throw new TypeError("the reference is no Bench::Reflector");
  return { target, close: () => orb.destroy() };
}

async function open(): Promise<Load> {
  const { address, connections, outstanding, octets } = clientArguments(process.argv.slice(2));
  const data = payload(octets);
  const transport = transportOf(process.argv.at(-1));
  const connected = await Promise.all(
    Array.from({ length: connections }, () => connect(address, transport)),
  );
  for (const { target } of connected)
    if (!data.equals(await target.echo(data)))
      throw new Error("the echo differs from what was sent");
  const callers = connected.flatMap(({ target }) =>
    Array<Bench.Reflector>(outstanding).fill(target),
  );
  return {
    run: async (untilMs, record) => {
      await Promise.all(callers.map((target) => callUntil(target, data, untilMs, record)));
    },
    close: async () => {
      for (const { close } of connected) await close();
    },
  };
}

await obey(await open());
