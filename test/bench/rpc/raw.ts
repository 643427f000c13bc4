import { fileURLToPath } from "node:url";
import type { Command, Contender, Workload } from "../contender.ts";

/** A program of this folder, run by this very Node. */
export function nodeProgram(file: string, ...args: readonly string[]): Command {
  return [process.execPath, fileURLToPath(new URL(file, import.meta.url)), ...args];
}

/** The arguments that every client process gets, in the order of `clientArguments`. */
export function clientArgumentsOf(address: string, workload: Workload): readonly string[] {
  const { connections, outstanding, octets } = workload;
  return [address, ...[connections, outstanding, octets].map(String)];
}

/** The baseline: frames of the same octets over `node:net`, without any CORBA. */
export const raw: Contender = {
  name: "raw node:net",
  prepare: async () => undefined,
  server: () => nodeProgram("./raw-server.js"),
  client: (address, workload) =>
    nodeProgram("./raw-client.js", ...clientArgumentsOf(address, workload)),
};
