import { fileURLToPath } from "node:url";
import { type Server, startServer } from "./cpp-peers.ts";

const SCRIPT = fileURLToPath(new URL("./ts-server.js", import.meta.url));

/** Starts our server as a process of its own. */
export async function startTsServer(args: readonly string[] = []): Promise<Server> {
  return await startServer(process.execPath, [SCRIPT, ...args]);
}
