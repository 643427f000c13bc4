import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { CosNaming } from "../../../idl/index.ts";
import { iorToString, unixAddressComponent, writeIiopProfile } from "../../../orb/ior/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { startNaming } from "../../../services/naming/index.ts";
import { newWebSocketTransport } from "../../../services/websocket/index.ts";
import { readIors } from "../../support/vectors.ts";
import { ran } from "../../support/ran.ts";

const RT_IOR =
  readIors()
    .find(({ name }) => name === "rt-cp-bands")
    ?.text.trim() ?? "";

test("a reference is printed profile by profile", async (t) => {
  const { code, out, err } = await ran(["ior", RT_IOR]);
  t.deepEqual([code, err], [0, []]);
  t.deepEqual(out.slice(0, 3), [
    "type IDL:Anchor/Peer:1.0",
    "profile 1 of 1: TAG_INTERNET_IOP (0)",
    "  IIOP 1.2 at 127.0.0.1:24301",
  ]);
  t.true(out.includes("    key made by TAO, persistent, POA /banded"));
  t.true(out.includes("    2: host: 127.0.0.1, port: 24302, priority: 15000"));
  t.true(out.includes("          3: low: 20000, high: 32767"));
});

test("--json is for programs", async (t) => {
  const { out } = await ran(["ior", "--json", RT_IOR]);
  const { typeId, profiles } = JSON.parse(out.join("\n")) as {
    typeId: string;
    profiles: { iiop: { objectKey: string; port: number }; components: { name: string }[] }[];
  };
  t.is(typeId, "IDL:Anchor/Peer:1.0");
  t.is(profiles[0]?.iiop.port, 24_301);
  t.regex(profiles[0]?.iiop.objectKey ?? "", /^14010f00/);
  t.is(profiles[0]?.components[3]?.name, "TAG_POLICIES");
});

test("a file may hold the reference", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-ior-"));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "peer.ior"), `${RT_IOR}\n`);
  await writeFile(join(folder, "other.txt"), "hello\n");
  t.is((await ran(["ior", join(folder, "peer.ior")])).out[0], "type IDL:Anchor/Peer:1.0");
  t.is((await ran(["ior", `file://${folder}/peer.ior`])).out[0], "type IDL:Anchor/Peer:1.0");
  const other = await ran(["ior", join(folder, "other.txt")]);
  t.is(other.code, 2);
  t.regex(other.err[0] ?? "", /holds no reference; it must begin with IOR:/);
});

test("a corbaname is resolved; where that fails its context is told, and why", async (t) => {
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  await using naming = await startNaming({ orb });
  const context = await CosNaming.NamingContext.narrow(naming.root);
  await context?.bind([{ id: "self", kind: "" }], naming.root);
  const [{ port } = { port: 0 }] = orb.endpoints;
  const found = await ran(["ior", `corbaname::127.0.0.1:${port}#self`]);
  t.is(found.code, 0);
  t.is(found.out[0], "type IDL:omg.org/CosNaming/NamingContextExt:1.0");
  const missing = await ran(["ior", `corbaname::127.0.0.1:${port}#nobody`]);
  t.is(missing.code, 1);
  t.regex(missing.err[0] ?? "", /not resolved: .*nobody/);
  t.true(missing.out.includes(`  IIOP 1.0 at 127.0.0.1:${port}`));
});

const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [[], /exactly one reference is needed, not 0/],
  [["a", "b"], /exactly one reference is needed, not 2/],
  [["no-such-file"], /neither a reference \(IOR:…, corbaloc:…, corbaname:…\) nor a file/],
  [["--jsn", "IOR:00"], /'--jsn'/],
  [["--ws", "ws://h/", "IOR:00"], /--ws ws:\/\/h\/: a URL of ws: or wss: is needed, and --probe/],
  [["--probe", "--ws", "http://h/", "IOR:00"], /a URL of ws: or wss: is needed/],
];

for (const [args, message] of WRONG) {
  test(`refused: orbweaver ior ${args.join(" ")}`, async (t) => {
    const { code, out, err } = await ran(["ior", ...args]);
    t.deepEqual([code, out], [2, []]);
    t.regex(err[0] ?? "", message);
  });
}

test("a broken IOR is refused with the character at fault", async (t) => {
  const { code, err } = await ran(["ior", "IOR:00zz"]);
  t.is(code, 2);
  t.regex(err[0] ?? "", /character 7: "z" is no hexadecimal digit/);
});

test("nil is told", async (t) => {
  t.deepEqual((await ran(["ior", `IOR:${"0".repeat(32)}`])).out, ["nil: a reference to no object"]);
});

test("--probe says whether the object is reached, and ends with 0 or 1 accordingly", async (t) => {
  const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  const naming = await startNaming({ orb });
  const reference = orb.object_to_string(naming.root);
  const there = await ran(["ior", "--probe", reference]);
  t.deepEqual([there.code, there.err], [0, []]);
  t.regex(
    there.out.join("\n"),
    /probe of 127\.0\.0\.1:\d+ \(profile 1\)\n.*the server has the object\n {2}reached: /,
  );
  t.is(there.out.at(-1), "the object is reached");
  await naming[Symbol.asyncDispose]();
  const gone = await ran(["ior", "--probe", "--json", reference]);
  t.is(gone.code, 1);
  const { probe } = JSON.parse(gone.out.join("\n")) as {
    probe: { isReached: boolean; addresses: { finding: { code: string; mend: string } }[] };
  };
  t.false(probe.isReached);
  t.is(probe.addresses[0]?.finding.code, "objectGone");
  await orb.destroy();
  const off = await ran(["ior", "--probe", "--timeout", "1", reference]);
  t.is(off.code, 1);
  t.regex(
    off.out.join("\n"),
    /fault loopback: .*nothing listens at port \d+ of this one.*\n {4}usually mended: If the server/,
  );
});

test("--timeout is in seconds", async (t) => {
  const { code, err } = await ran(["ior", "--timeout", "0", "IOR:00"]);
  t.is(code, 2);
  t.regex(err[0] ?? "", /--timeout 0: seconds are needed, 0\.001 to 3600/);
});

test("--probe --ws goes through a WebSocket, and a socket of another machine is told", async (t) => {
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"], {
    transport: newWebSocketTransport({ path: "/way" }),
  });
  await using naming = await startNaming({ orb });
  const [{ port } = { port: 0 }] = orb.endpoints;
  const url = `ws://127.0.0.1:${port}/way`;
  const args = ["ior", "--probe", "--ws", url, orb.object_to_string(naming.root)];
  const found = await ran(args);
  t.is(found.code, 0, found.err.join("\n"));
  t.true(found.out.includes(`probe of ${url} (profile 1)`));
  t.true(found.out.includes(`  reached: The object answers at ${url}.`));

  const component = unixAddressComponent({ host: "elsewhere.example", path: "/run/metro.sock" });
  const profile = { minor: 2, host: "elsewhere.example", port: 0, objectKey: Buffer.from("k") };
  const ior = { typeId: "", profiles: [writeIiopProfile({ ...profile, components: [component] })] };
  const other = await ran(["ior", "--probe", iorToString(ior)]);
  t.is(other.code, 1);
  const line =
    "probe of unix:/run/metro.sock on elsewhere.example (profile 1, TAG_OMNIORB_UNIX_TRANS)";
  t.true(other.out.includes(line), other.out.join("\n"));
});
