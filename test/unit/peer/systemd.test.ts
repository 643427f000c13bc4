import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";

const execute = promisify(execFile);
const NAME = "orbweaver-peer@.service";
const UNIT: string = fileURLToPath(
  new URL(`../../../../services/peer/systemd/${NAME}`, import.meta.url),
);

/** What stands where, by section and key; a key may be there several times. */
function settingsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let section = "";
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const heading = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, key, value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (key === undefined) throw new Error(`neither a section nor a setting: ${line}`);
    else found.set(`${section}.${key}`, [...(found.get(`${section}.${key}`) ?? []), value]);
  }
  return found;
}

test("the unit says what the peer's documentation says of it", async (t) => {
  const settings = settingsOf(await readFile(UNIT, "utf8"));
  const one = (key: string): string | undefined => {
    t.true((settings.get(key) ?? []).length <= 1, key);
    return settings.get(key)?.[0];
  };
  t.is(one("Service.Type"), "notify");
  t.is(one("Service.ExecStart"), "/usr/bin/orbweaver peer --config /etc/orbweaver/%i.toml");
  t.is(one("Service.Restart"), "on-failure");
  t.is(one("Service.RestartPreventExitStatus"), "2");
  t.is(one("Service.KillMode"), "mixed");
  // The peer gives itself 10 s (peer.stopMs), and says then what did not end.
  t.true(Number(one("Service.TimeoutStopSec")) > 10);
  t.true(Number(one("Service.WatchdogSec")) > 0);
  for (const key of ["AmbientCapabilities", "CapabilityBoundingSet"])
    t.is(one(`Service.${key}`), "CAP_SYS_NICE CAP_IPC_LOCK");
  t.is(one("Service.LimitRTPRIO"), "99");
  t.is(one("Install.WantedBy"), "multi-user.target");
});

test("systemd takes the unit without a word", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-unit-"));
  t.teardown(() => rm(folder, { recursive: true }));
  // It asks whether the command is there: one of the same name stands for it.
  const command = join(folder, "orbweaver");
  await writeFile(command, "#!/bin/sh\n");
  await chmod(command, 0o755);
  const text = await readFile(UNIT, "utf8");
  await writeFile(join(folder, NAME), text.replaceAll("/usr/bin/orbweaver", command));
  try {
    const { stdout, stderr } = await execute("systemd-analyze", ["verify", join(folder, NAME)]);
    t.is(stdout + stderr, "");
  } catch (thrown) {
    const isMissing = (thrown as { code?: unknown }).code === "ENOENT";
    if (!isMissing) throw thrown;
    t.log("systemd-analyze is not installed here");
    t.truthy(settingsOf(text).get("Service.ExecStart"));
  }
});
