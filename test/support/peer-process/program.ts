import { createInterface } from "node:readline";
import { inspect } from "node:util";
import type { Logger } from "../../../orb/index.ts";
import { openPeer, type PeerNode } from "../../../services/p3-net/index.ts";
import { machineMs, type Order, type ProgramOptions, type Said } from "./words.ts";

type Unstamped<T> = T extends unknown ? Omit<T, "atMs"> : never;

function say(what: Unstamped<Said>): void {
  process.stdout.write(`${JSON.stringify({ ...what, atMs: machineMs() })}\n`);
}

function logger(): Logger {
  const line =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      say({ said: "log", level, message, fields: inspect(fields, { breakLength: Infinity }) });
  return { debug: () => undefined, info: line("info"), warn: line("warn"), error: line("error") };
}

function burn(ms: number): void {
  const untilMs = machineMs() + ms;
  while (machineMs() < untilMs);
}

function publish({ overlay, ref }: PeerNode, name: string): void {
  overlay.discovery.publish({
    name,
    instance: ref.id,
    reference: `corbaloc::${ref.address}/${name}`,
  });
}

async function exercise(
  { overlay: { discovery } }: PeerNode,
  { names, times }: Extract<Order, { do: "exercise" }>,
): Promise<void> {
  for (let i = 0; i < times; i++)
    for (const name of names) {
      discovery.discredit(name);
      await new Promise((resolve) => discovery.ask({ of: "service", name }, resolve));
    }
  say({ said: "exercised" });
}

async function obey(node: PeerNode, order: Order): Promise<void> {
  const { membership, discovery } = node.overlay;
  switch (order.do) {
    case "join":
      return membership.join();
    case "leave":
      await node.close();
      process.exit(0);
    // eslint-disable-next-line no-fallthrough
    case "tell":
      return say({
        said: "state",
        state: {
          standing: membership.standing(),
          cell: membership.cell().map(({ ref }) => ref.id),
          stalled: [...node.stalled.keys()],
        },
      });
    case "publish":
      return publish(node, order.name);
    case "ask": {
      const { number, query } = order;
      const startMs = machineMs();
      return discovery.ask(query, (answer) =>
        say({ said: "answer", number, answer, tookMs: machineMs() - startMs }),
      );
    }
    case "exercise":
      return await exercise(node, order);
    case "burn":
      setTimeout(() => burn(order.ms), order.afterMs);
      return;
    case "carry":
      node.carrier("test").send(order.to, new TextEncoder().encode(order.text));
  }
}

/** One peer, which does what its input says and prints what happens; it ends with its input. */
async function main(): Promise<void> {
  const {
    services = [],
    joins,
    ...options
  } = JSON.parse(process.argv[2] ?? "{}") as ProgramOptions;
  const node = await openPeer({ ...options, logger: logger() });
  node.overlay.watch((event) => say({ said: "event", event }));
  node
    .carrier("test")
    .onReceive((from, octets) =>
      say({ said: "carried", from, text: new TextDecoder().decode(octets) }),
    );
  for (const name of services) publish(node, name);
  say({ said: "open", ref: node.ref });
  if (joins === true) node.overlay.membership.join();
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => void obey(node, JSON.parse(line) as Order));
  lines.on("close", () => process.exit(0));
}

await main();
