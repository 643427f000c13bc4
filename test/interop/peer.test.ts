// omniORB's tools with a peer that runs as a daemon: they see an ordinary naming service.
import { fileURLToPath } from "node:url";
import { findPeers } from "../support/omniorb.ts";
import { type Finished, runToEnd, TestProcess } from "../support/process.ts";
import { PeerDaemons } from "../support/peer-process/index.ts";
import { declareCheck } from "./results.ts";

const hasPeers = (await findPeers()) !== undefined;

const MAIN: string = fileURLToPath(new URL("../../services/cli/main.js", import.meta.url));
const STATION: string = fileURLToPath(new URL("../../examples/metro/station.js", import.meta.url));
const SETTINGS: readonly string[] = [
  'orb.listen=["iiop://127.0.0.1:0"]',
  'overlay.kind="none"',
  "health.enabled=false",
  'control.access="full"',
  `control.allow=[${JSON.stringify(STATION)}]`,
];

declareCheck("peer/nameclt", hasPeers, async (t) => {
  const settings = SETTINGS.flatMap((each) => ["--set", each]);
  await using peer = new TestProcess(process.execPath, [MAIN, "peer", ...settings]);
  const [, at = ""] = await peer.match(/^Peer=corbaloc::(.*)\/Peer$/m);
  await peer.match(/^ready$/m);
  const place = [
    "service",
    "start",
    "north",
    "--peer",
    at,
    "--name",
    "metro/displays/north.display",
  ];
  const servant = ["--module", STATION, "--export", "Display", "--args", '["north-1"]'];
  const started = await runToEnd(process.execPath, [MAIN, ...place, ...servant]);
  t.is(started.code, 0, started.errors);
  const initRef = ["-ORBInitRef", `NameService=corbaloc::${at}/NameService`];
  const listed = await runToEnd("nameclt", [...initRef, "list", "metro/displays"]);
  t.is(listed.output, "north.display\n", listed.errors);
  const resolved = await runToEnd("nameclt", [
    ...initRef,
    "resolve",
    "metro/displays/north.display",
  ]);
  const described = await runToEnd("catior", [resolved.output.trim()]);
  t.regex(described.output, /IDL:orbweaver\.example\/Metro\/Display:1\.0/);
});

declareCheck("peer/last_of_root_cell", hasPeers, async (t) => {
  await using daemons = await PeerDaemons.start({ voters: 3, others: 1 });
  const rootCell = await daemons.rootCell();
  const survivor = rootCell.at(-1);
  const dying = rootCell.filter((one) => one !== survivor);
  if (survivor === undefined || dying.length === 0) return t.fail("a root cell of one");
  const client = (...args: readonly string[]): Promise<Finished> => {
    // The first address is that of one which is killed.
    const at = PeerDaemons.corbaloc([...dying.slice(0, 1), survivor]);
    return runToEnd("nameclt", ["-ORBInitRef", `NameService=${at}`, ...args]);
  };
  let lines = await client("bind_new_context", "lines");
  // The voters may still be meeting; the time limit of a check ends this.
  while (/TRANSIENT/.test(lines.errors)) lines = await client("bind_new_context", "lines");
  t.is(lines.code, 0, lines.errors);
  const target = lines.output.trim();
  const names = ["yellow", "blue", "red", "green", "violet"].map((line) => `lines/${line}`);
  for (const name of names) {
    const bound = await client("bind", name, target);
    t.is(bound.code, 0, bound.errors);
  }
  for (const { process } of dying) process.kill("SIGKILL");
  await Promise.all(dying.map(({ process }) => process.ended()));
  for (const name of names) {
    const resolved = await client("resolve", name);
    t.is(resolved.output.trim(), target, resolved.errors);
  }
});
