import test from "ava";
import { MemoryTransport, tcpTransport } from "../../../orb/transport/index.ts";
import { complies, socketPath } from "./suite.ts";

complies(test, "node:net, TCP", {
  transport: () => tcpTransport,
  place: async () => ({ host: "127.0.0.1", port: 0 }),
  sockets: "tcp",
});

complies(test, "node:net, UNIX", {
  transport: () => tcpTransport,
  place: async (t) => ({ host: "", port: 0, path: await socketPath(t) }),
  sockets: "unix",
});

const memory = new MemoryTransport();
complies(test, "memory", {
  transport: () => memory,
  place: async () => ({ host: "here", port: 0 }),
  sockets: "none",
});

test("a port is shared where Node can share one, and the refusal says where", async (t) => {
  const at = { host: "127.0.0.1", port: 0, reusePort: true } as const;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isAble = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
  const listening = tcpTransport.listen(at, (channel) => channel.destroy());
  if (!isAble) {
    await t.throwsAsync(listening, { code: "ENOTSUP", message: /needs Node 22\.12/u });
    return;
  }
  const first = await listening;
  const port = first.endpoint.port;
  const second = await tcpTransport.listen({ ...at, port }, (channel) => channel.destroy());
  t.is(second.endpoint.port, port);
  await Promise.all([first.close(), second.close()]);
});
