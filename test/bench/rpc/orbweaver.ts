import { loadNative, nativeFault } from "orbweaver/native";
import type { Contender } from "../contender.ts";
import { clientArgumentsOf, nodeProgram } from "./raw.ts";

/** Our own ORB at both ends, with code that idlc generated. */
export const orbweaver: Contender = {
  name: "orbweaver",
  prepare: async () => undefined,
  server: () => nodeProgram("./orbweaver-server.js", "net"),
  client: (address, workload) =>
    nodeProgram("./orbweaver-client.js", ...clientArgumentsOf(address, workload), "net"),
};

/** The same over the native reactor. */
export const orbweaverReactor: Contender = {
  name: "orbweaver, reactor",
  prepare: async () => (loadNative() === undefined ? nativeFault() : undefined),
  server: () => nodeProgram("./orbweaver-server.js", "reactor"),
  client: (address, workload) =>
    nodeProgram("./orbweaver-client.js", ...clientArgumentsOf(address, workload), "reactor"),
};

/** omniORB's C++ client at our server, which has the same work then as omniORB's own. */
export function calledByOmniOrb(server: Contender, omniOrb: Contender): Contender {
  return {
    name: `omniORB → ${server.name}`,
    prepare: async () => (await server.prepare()) ?? (await omniOrb.prepare()),
    server: server.server,
    client: omniOrb.client,
  };
}
