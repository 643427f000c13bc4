import type { Contender } from "../contender.ts";
import { clientArgumentsOf, nodeProgram } from "./raw.ts";

/** Our own ORB at both ends, with code that idlc generated. */
export const orbweaver: Contender = {
  name: "orbweaver",
  prepare: async () => undefined,
  server: () => nodeProgram("./orbweaver-server.js"),
  client: (address, workload) =>
    nodeProgram("./orbweaver-client.js", ...clientArgumentsOf(address, workload)),
};
