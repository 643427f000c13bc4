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
