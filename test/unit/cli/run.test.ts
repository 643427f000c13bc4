import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import test from "ava";

import { CORBA, CosNaming } from "../../../idl/index.ts";
import { Deferred } from "../../../orb/base/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { run } from "../../../services/cli/index.ts";
import { ran } from "../../support/ran.ts";

test("help names the commands", async (t) => {
  const { code, out } = await ran(["--help"]);
  t.is(code, 0);
  t.regex(out.join("\n"), /orbweaver COMMAND[\s\S]*naming {3}serves CosNaming/);
  t.regex((await ran(["naming", "--help"])).out.join("\n"), /--listen HOST:PORT[\s\S]*--ior-file/);
});

test("the version is the package's", async (t) => {
  const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
  t.deepEqual(await ran(["--version"]), { code: 0, out: [`orbweaver ${version}`], err: [] });
});

const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [
    ["nameing"],
    /no command "nameing"; allowed: ior, call, ns, naming, ifr, doctor, load, qosd, peer, service, monitor, manager, group, chaos, --help, --version/,
  ],
  [
    ["naming", "--listn", "h:1"],
    /naming: Unknown option '--listn'; allowed: --listen, --ior-file, /,
  ],
  [["ns", "ls", "--reebind"], /ns: .*'--reebind'; allowed: --ns, --rebind, /],
  [["call", "--idl"], /call: Option '--idl.* argument missing/],
  [["call", "IOR:00", "f"], /call: "IOR:00", character 7: /],
  [["ns", "resolve", "a..b"], /ns: "a\.\.b" is no name: a second "\." at character 3; /],
  [["ns", "bind", "a//b", "corbaloc::h/x"], /ns: "a\/\/b" is no name: an empty component at/],
  [["ns", "ls", "--ns", "corbaloc:bad"], /ns: "corbaloc:bad", character 10: /],
  [["call", "no-such-file", "f"], /call: "no-such-file" is neither a reference .* ENOENT/],
  [["naming", "--listen", "h"], /--listen h: HOST:PORT is needed/],
  [["naming", "--listen", "h:65536"], /port 0 to 65535/],
  [["naming", "extra"], /naming: .*'extra'/],
  [
    ["service", "start", "north", "--export", "X"],
    /service: --export is for start with --module: a service of the configuration has its own/,
  ],
  [["service", "start", "north", "--name", "a/b"], /service: --name is for start with --module/],
  [["service", "stop", "north", "--module", "x.js"], /service: --module is for start alone/],
  [["service", "start", "north", "--json"], /service: --json is for ls alone/],
  [
    ["service", "ls", "--peer", "a b"],
    /^orbweaver: service: "corbaloc::a b\/Peer", character 11: "a b" is no host name/,
  ],
  [["group", "ls", "--at", "IOR:00"], /^orbweaver: group: "IOR:00", character 7: /],
  [["chaos", "now", "--peer", "a b"], /^orbweaver: chaos: "corbaloc::a b\/Chaos", character 11: /],
  // Words that every object of JavaScript has.
  [["chaos", "constructor"], /chaos: "constructor" is nothing it does; allowed: crash, freeze, /],
  [["chaos", "toString", "--pid", "1"], /chaos: "toString" is nothing it does; allowed: crash, /],
  [["ifr"], /ifr: at least one IDL file is needed/],
  [["ifr", "--listen", "h", "a.idl"], /--listen h: HOST:PORT is needed/],
];

for (const [args, message] of WRONG) {
  test(`refused: orbweaver ${args.join(" ")}`, async (t) => {
    const { code, out, err } = await ran(args);
    t.is(code, 2);
    t.deepEqual(out, []);
    t.regex(err[0] ?? "", message);
  });
}

const LOOPBACK_WARNING =
  /^warning: references made here name only 127\.0\.0\.1:\d+, which no other/;

test("what stands behind -- is asked for its help by itself", async (t) => {
  const dry = ["chaos", "random", "--dry-run", "--seed", "7"];
  const { code, out } = await ran([...dry, "--", "sleep", "--help"]);
  t.is(code, 0);
  t.regex(out[0] ?? "", /^seed 7: \d+ faults/);
  t.regex((await ran([...dry, "--help", "--", "sleep"])).out.join("\n"), /^Usage: orbweaver chaos/);
});

test("no command at all is an error that shows the help", async (t) => {
  const { code, out } = await ran([]);
  t.is(code, 2);
  t.regex(out.join("\n"), /Usage: orbweaver/);
});

test("an argument of the ORB that is none is a wrong use", async (t) => {
  for (const command of [["naming"], ["ns", "ls"], ["call", "corbaloc::h/x"]]) {
    const { code, err } = await ran([...command, "-ORBwrong", "x"]);
    t.is(code, 2);
    t.regex(err[0] ?? "", new RegExp(`^orbweaver: ${command[0]}: -ORBwrong is no option`));
    t.is(err[1], `orbweaver ${command[0]} --help tells what is allowed.`);
  }
});

test("a file that cannot be written is named", async (t) => {
  const args = ["naming", "--listen", "127.0.0.1:0", "--ior-file", "/nowhere/ns.ior"];
  const { code, err } = await ran(args);
  t.is(code, 1);
  t.is(err.at(-1), "orbweaver: cannot write /nowhere/ns.ior: ENOENT");
});

test("an address that is taken is named", async (t) => {
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  const { code, err } = await ran(["naming", "--listen", `127.0.0.1:${orb.endpoints[0]?.port}`]);
  t.is(code, 1);
  t.regex(err.at(-1) ?? "", /cannot listen on iiop:\/\/127\.0\.0\.1:\d+: .*EADDRINUSE/);
});

test("naming serves until told to stop, at the address it prints and the IOR it writes", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-naming-"));
  const file = join(folder, "ns.ior");
  const stop = new AbortController();
  const out: string[] = [];
  try {
    const ready = new Promise<void>((resolve) => {
      const code = run(["naming", "--listen", "127.0.0.1:0", "--ior-file", file], {
        print: (line) => void (out.push(line) === 2 && resolve()),
        complain: (line) => t.regex(line, LOOPBACK_WARNING),
        stop: stop.signal,
      });
      void code.then((number) => out.push(`exit ${number}`));
    });
    await ready;
    const [reference = "", ior = ""] = out;
    await using client = await ORB_init(["-ORBInitRef", reference]);
    const names = await CosNaming.NamingContext.narrow(
      await client.resolve_initial_references("NameService"),
    );
    t.deepEqual(await names?.list(1), { bl: [], bi: null });
    t.is(await readFile(file, "utf8"), `${ior}\n`);
    const byIor = await client.string_to_object(ior);
    t.true(await byIor?._is_a("IDL:omg.org/CosNaming/NamingContextExt:1.0"));
    stop.abort();
  } finally {
    stop.abort();
    await rm(folder, { recursive: true });
  }
});

test("who asks a process for what it has not is told what would make it have that", async (t) => {
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  orb.rootPOA.the_POAManager.activate();
  const at = `127.0.0.1:${orb.endpoints[0]?.port}`;
  const told = async (...args: readonly string[]): Promise<string> => {
    const { code, err } = await ran(args);
    t.is(code, 1);
    return err.join("\n");
  };
  t.is(
    await told("service", "ls", "--peer", at),
    `service ls: ${at} is no peer that lets others see its services: [control] access = "read" of its configuration would`,
  );
  t.regex(
    await told("group", "ls", "--at", at),
    /^group ls: list on .*OBJECT_NOT_EXIST.*; a peer shows its groups with \[groups\] enabled = true and/,
  );
  t.regex(await told("chaos", "now", "--peer", at), /has no faults to offer: \[chaos\] enabled/);
});

test("ifr tells what is wrong with the IDL and ends", async (t) => {
  const { code, err } = await ran(["ifr", "--listen", "127.0.0.1:0", "not-there.idl"]);
  t.is(code, 1);
  t.regex(err[0] ?? "", /cannot read not-there\.idl/);
});

test("ifr serves the repository of its files, found by the reference that it prints", async (t) => {
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const printed: string[] = [];
  const complaints: string[] = [];
  const ended = new Deferred<number>();
  await new Promise<void>((resolve) => {
    const args = ["ifr", "--listen", "127.0.0.1:0", "examples/metro/Metro.idl"];
    const code = run(args, {
      print: (line) => void (printed.push(line) === 2 && resolve()),
      complain: (line) => complaints.push(line),
      stop: stop.signal,
    });
    ended.resolve(code);
  });
  await using client = await ORB_init(["-ORBInitRef", printed[0] ?? ""]);
  const repository = await CORBA.Repository.narrow(
    await client.resolve_initial_references("InterfaceRepository"),
  );
  t.is(await (await repository?.lookup("Metro::Station"))?._get_name(), "Station");
  stop.abort();
  t.is(await ended.promise, 0);
  t.is(complaints.length, 1);
  t.regex(complaints[0] ?? "", LOOPBACK_WARNING);
});
