import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { type ORB, SystemException } from "../../../orb/index.ts";
import { Peers } from "../../../services/peer/index.ts";
import type { Bank } from "../../support/bank/index.ts";
import { TestProcess } from "../../support/process.ts";

// The real process, as an operator runs it.
const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
/** The servant of replicated services here. */
export const MODULE: string = fileURLToPath(
  new URL("../../support/bank/bank-servant.js", import.meta.url),
);
export const START_MS = 60_000;

export interface Daemon {
  readonly name: string;
  readonly process: TestProcess;
  readonly peer: Peers.Peer;
}

export async function start(
  t: ExecutionContext,
  orb: ORB,
  name: string,
  text: string,
): Promise<Daemon> {
  const folder = await mkdtemp(join(tmpdir(), "peer-groups-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "peer.toml");
  await writeFile(file, `[peer]\nname = "${name}"\n${text}`);
  const process = new TestProcess(globalThis.process.execPath, [MAIN, "peer", "--config", file]);
  t.teardown(() => {
    process.kill("SIGKILL");
    return process[Symbol.asyncDispose]();
  });
  const [, at = ""] = await process.match(/^Peer=corbaloc::(.*)\/Peer$/m, START_MS);
  await process.match(/^ready$/m, START_MS);
  const peer = Peers.Peer.uncheckedNarrow(await orb.string_to_object(`corbaloc::${at}/Peer`));
  if (peer === null) throw new TypeError("nil");
  return { name, process, peer };
}

export async function bankAt({ peer }: Daemon): Promise<Peers.ServiceStatus | undefined> {
  const statuses = await peer.services();
  return statuses.find(({ name, state }) => name === "bank" && state === "SERVICE_RUNNING");
}

/** Who is told that nobody knows looks into the books before it asks again. */
export async function addOnce(
  t: ExecutionContext,
  books: Bank.Books,
  token: string,
): Promise<void> {
  for (;;) {
    try {
      if (!(await books.lines(1)).includes(token)) await books.add(token, "till", 1n);
      return;
    } catch (error) {
      if (!(error instanceof SystemException)) throw error;
      t.log(`${token}: ${error.message}`);
    }
  }
}

/** What all peers of these tests have in common. */
export function commonText({
  seed,
  port,
  groups = 0,
  allow = [MODULE],
  attributes = {},
}: {
  readonly seed: number;
  /** Of the overlay. */
  readonly port: number;
  readonly groups?: number;
  readonly allow?: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string>>;
}): string {
  const told = Object.entries(attributes).map(
    ([key, value]) => `${key} = ${JSON.stringify(value)}`,
  );
  return `
[orb]
listen = ["iiop://127.0.0.1:0"]
[log]
form = "json"
[overlay]
kind = "p3"
port = ${port}
discoveryPort = 0
faultTolerancePort = 0
seeds = ["127.0.0.1:${seed}"]
mayFound = ${port === seed}
leastDeviationMs = 200
attributes = { ${told.join(", ")} }
[health]
enabled = false
[groups]
enabled = true
port = ${groups}
[control]
access = "full"
allow = ${JSON.stringify(allow)}
`;
}
