import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { CORBA } from "../../../idl/index.ts";
import { type ORB, ORB_init } from "../../../orb/index.ts";
import { startInterfaceRepository } from "../../../services/ifr/index.ts";

/** A repository, and a client of it in an ORB of its own: everything goes over a socket. */
export interface Scene {
  readonly server: ORB;
  readonly client: ORB;
  readonly repository: CORBA.Repository;
}

export async function openFiles(t: ExecutionContext, files: readonly string[]): Promise<Scene> {
  const server = await ORB_init([]);
  t.teardown(() => server.destroy());
  await startInterfaceRepository({ orb: server, files });
  const port = server.endpoints[0]?.port;
  const url = `corbaloc:iiop:1.2@127.0.0.1:${port}/InterfaceRepository`;
  const client = await ORB_init([], {
    config: { orb: { listen: [], initRef: { InterfaceRepository: url } } },
  });
  t.teardown(() => client.destroy());
  const reference = await client.resolve_initial_references("InterfaceRepository");
  const repository = await CORBA.Repository.narrow(reference);
  if (repository === null) throw new TypeError("not a CORBA::Repository");
  return { server, client, repository };
}

/** A repository of IDL given as text. */
export async function open(t: ExecutionContext, idl: string): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "ifr-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "Test.idl");
  writeFileSync(file, idl);
  return await openFiles(t, [file]);
}

export function given<T>(found: T | null): T {
  if (found === null) throw new TypeError("nil");
  return found;
}
