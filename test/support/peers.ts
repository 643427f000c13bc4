// Run before the tests: sees to the peers that the tests in test/interop talk to. Where Debian packages are missing it
// prints the line that installs them and runs it if it may; otherwise it names each check that will be skipped.
//
//   node dist/test/support/peers.js [RESULTS]      RESULTS: the list of passed checks that is begun anew
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { checkNames, findPeers, missingTools, PACKAGES, RESULTS } from "./omniorb.ts";

const INSTALL: readonly string[] = ["apt-get", "install", "-y", ...PACKAGES];

const say = (line: string): void => void process.stdout.write(`interop: ${line}\n`);

/** Why the packages are not installed from here; undefined where they may be. */
async function refusal(): Promise<string | undefined> {
  if (process.env["ORBWEAVER_NO_INSTALL"] === "1") return "ORBWEAVER_NO_INSTALL is 1";
  const isDebian = await access("/etc/debian_version").then(
    () => true,
    () => false,
  );
  if (!isDebian) return "this is no Debian";
  return process.getuid?.() === 0 ? undefined : "only root may";
}

/** Whether the command ended well; its output goes to ours. */
async function run([command = "", ...args]: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    return code === 0;
  } catch (error) {
    say(`${command}: ${(error as Error).message}`);
    return false;
  }
}

async function install(): Promise<void> {
  // Lists of packages that are old or missing make the first try fail.
  if (await run(INSTALL)) return;
  if (await run(["apt-get", "update"])) await run(INSTALL);
}

async function main(): Promise<void> {
  const results = process.argv[2] ?? RESULTS;
  await mkdir(dirname(results), { recursive: true });
  await rm(results, { force: true });
  let missing = await missingTools();
  if (missing.length > 0) {
    say(`not here: ${missing.join(", ")}. This installs what is missing:`);
    say(`  ${INSTALL.join(" ")}`);
    const why = await refusal();
    if (why === undefined) await install();
    else say(`it is not run from here: ${why}`);
    missing = await missingTools();
  }
  if (missing.length > 0) {
    for (const name of checkNames()) say(`skipped: ${name}`);
    return;
  }
  await findPeers();
  say(`the omniORB peers are built; ${checkNames().length} checks`);
}

await main();
