import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { iiopProfilesOf, iorFromString } from "../../orb/ior/index.ts";
import { TestProcess } from "../support/process.ts";

const COMMAND = fileURLToPath(new URL("../../services/cli/main.js", import.meta.url));

/** A naming service in a process of its own. */
export interface NamingServer extends AsyncDisposable {
  /** Of the root context. */
  readonly ior: string;
  /** `corbaloc::HOST:PORT/NameService`, which speaks GIOP 1.0. */
  readonly corbaloc: string;
  readonly port: number;
}

function served(ior: string, stop: () => Promise<void>): NamingServer {
  const [profile] = iiopProfilesOf(iorFromString(ior));
  if (profile === undefined) throw new RangeError("the root context has no IIOP profile");
  const corbaloc = `corbaloc::${profile.host}:${profile.port}/NameService`;
  return { ior, corbaloc, port: profile.port, [Symbol.asyncDispose]: stop };
}

/** `orbweaver naming` */
export async function startOurNaming(): Promise<NamingServer> {
  const child = new TestProcess(process.execPath, [COMMAND, "naming", "--listen", "127.0.0.1:0"]);
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child[Symbol.asyncDispose]();
  };
  try {
    const [ior] = await child.match(/^IOR:[0-9a-f]+$/m);
    return served(ior, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** omniNames, with an empty folder for its data, which lives as long as it. */
export async function startOmniNames(): Promise<NamingServer & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "interop-names-"));
  const endpoint = ["-ORBendPoint", "giop:tcp:127.0.0.1:"];
  const child = new TestProcess("omniNames", ["-start", "-datadir", folder, ...endpoint]);
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [, ior = ""] = await child.match(/Root context is (IOR:\w+)/, undefined, "errors");
    return { ...served(ior, stop), folder };
  } catch (error) {
    await stop();
    throw error;
  }
}
