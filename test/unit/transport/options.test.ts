import { readdirSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import test, { type ExecutionContext } from "ava";
import { loadNative, type NativeSockets, type SocketOption } from "../../../native/index.ts";
import { type Channel, newTcpTransport, type Transport } from "../../../orb/index.ts";

const RECEIVE_OCTETS = 51_234;

/** What each engine says that it cannot. */
const ENGINES: readonly {
  readonly name: string;
  readonly transport: () => Transport | undefined;
  readonly unset: readonly string[];
  /** Octets that nothing else has: by it the socket is found. */
  readonly sendBufferOctets: number;
}[] = [
  {
    name: "node:net",
    transport: () => newTcpTransport({ keepAliveMs: 60_000 }),
    unset: ["sendBufferOctets", "receiveBufferOctets", "dontRoute"],
    sendBufferOctets: 41_111,
  },
  {
    name: "node:net with the addon",
    transport: () => {
      const sockets = loadNative()?.sockets;
      if (sockets === undefined) return undefined;
      return newTcpTransport({
        keepAliveMs: 60_000,
        setOption: (socket, option, value) =>
          sockets.set(sockets.descriptorOf(socket) ?? -1, option, value),
      });
    },
    unset: [],
    sendBufferOctets: 41_222,
  },
  {
    name: "the reactor",
    transport: () => loadNative()?.createReactor({ keepAliveMs: 60_000 }),
    unset: [],
    sendBufferOctets: 41_333,
  },
];

/** A connection to somebody who listens. */
async function connected(t: ExecutionContext, transport: Transport): Promise<Channel> {
  const server: Server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const channel = await transport.connect(
    { host: "127.0.0.1", port },
    new AbortController().signal,
  );
  channel.start({ data: ignore, drained: ignore, closed: ignore });
  t.teardown(() => {
    channel.destroy();
    server.close();
  });
  return channel;
}

function ignore(): void {
  return undefined;
}

/** What the options of the socket of this process are whose send buffer has a size: the kernel doubles it. */
function optionsOf(
  sockets: NativeSockets,
  sendBufferOctets: number,
): Readonly<Record<string, number>> | undefined {
  const names: readonly SocketOption[] = [
    "sendBufferOctets",
    "receiveBufferOctets",
    "keepAlive",
    "dontRoute",
    "noDelay",
  ];
  for (const descriptor of readdirSync("/proc/self/fd").map(Number)) {
    try {
      const found = names.map((name) => [name, sockets.get(descriptor, name)] as const);
      const options = Object.fromEntries(found);
      if (options["sendBufferOctets"] === 2 * sendBufferOctets) return options;
    } catch {
      // No TCP socket.
    }
  }
  return undefined;
}

for (const { name, transport: make, unset, sendBufferOctets } of ENGINES)
  test.serial(`${name}: options of a connection are set, or named`, async (t) => {
    const transport = make();
    if (transport === undefined) {
      t.pass("no addon");
      return;
    }
    const channel = await connected(t, transport);
    const wanted = {
      sendBufferOctets,
      receiveBufferOctets: RECEIVE_OCTETS,
      keepAlive: false,
      dontRoute: true,
      noDelay: false,
    };
    t.deepEqual(channel.configure?.(wanted), unset);
    t.deepEqual(channel.configure?.({}), []);
    const sockets = loadNative()?.sockets;
    if (sockets === undefined || unset.length > 0) return;
    t.deepEqual(optionsOf(sockets, sendBufferOctets), {
      sendBufferOctets: 2 * sendBufferOctets,
      receiveBufferOctets: 2 * RECEIVE_OCTETS,
      keepAlive: 0,
      dontRoute: 1,
      noDelay: 0,
    });
  });
