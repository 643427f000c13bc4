// omniORB's tools with a peer that runs as a daemon: they see an ordinary naming service.
import { fileURLToPath } from "node:url";
import { findPeers } from "../support/omniorb.ts";
import { runToEnd, TestProcess } from "../support/process.ts";
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
