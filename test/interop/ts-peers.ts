import { fileURLToPath } from "node:url";
import { TestProcess } from "../support/process.ts";
import { type Server, startServer } from "./cpp-peers.ts";

const SCRIPT = fileURLToPath(new URL("./ts-server.js", import.meta.url));

/** Starts our server as a process of its own. */
export async function startTsServer(args: readonly string[] = []): Promise<Server> {
  return await startServer(process.execPath, [SCRIPT, ...args]);
}

const COMMAND = fileURLToPath(new URL("../../services/cli/main.js", import.meta.url));
const IDL = fileURLToPath(new URL("../../../test/interop/Interop.idl", import.meta.url));

/** Runs `orbweaver ifr` for Interop.idl while `body` does; it is given the initial reference. */
export async function withRepository<T>(body: (initRef: string) => Promise<T>): Promise<T> {
  await using child = new TestProcess(process.execPath, [
    COMMAND,
    "ifr",
    IDL,
    "--listen",
    "127.0.0.1:0",
  ]);
  const [initRef] = await child.match(/^InterfaceRepository=corbaloc::\S+$/m);
  return await body(initRef);
}
