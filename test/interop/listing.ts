import { findPeers, type Peers } from "../support/omniorb.ts";
import { runToEnd } from "../support/process.ts";
import { CHECKS } from "./checks/all.ts";
import { ifrChecks } from "./checks/ifr.ts";
import { namingChecks } from "./checks/naming.ts";

/** Checks of one group, and what to say of it. */
interface Group {
  readonly about?: readonly string[];
  readonly name: string;
  readonly checks: readonly string[];
}

const HEAD: readonly string[] = [
  "Every check against other ORBs, one a line: GROUP/CHECK. CI fails unless each ran and passed.",
  "What a check does stands in cpp/checks-*.cc and checks/*.ts under the part after the group.",
  "Written by: npm run build && node dist/test/interop/name-checks.js",
];

/** What stands in for checks that a code set or GIOP version makes impossible. */
const isStandIn = (name: string): boolean => /^(?:wide|latin1-char)-refused\./.test(name);
const isWide = (name: string): boolean => name.startsWith("wide.");
const isRandom = (name: string): boolean => name.startsWith("random.");
const isNaming = (name: string): boolean => name.startsWith("naming.");
const isIfr = (name: string): boolean => name.startsWith("ifr.");

function startsWithOneOf(prefixes: readonly string[]): (name: string) => boolean {
  return (name) => prefixes.some((prefix) => name.startsWith(prefix));
}

const isLong = startsWithOneOf([
  "texts.",
  "wide.",
  "sequences.",
  "constructed.",
  "unions.",
  "dynamic.",
  "dii.",
  "faults.",
  "references.",
  "callbacks.",
  "oneways.",
  "parking.",
  "names.",
  "values.",
]);
const isForwardable = startsWithOneOf([
  "primitives.",
  "faults.",
  "attributes.",
  "references.",
  "callbacks.",
]);

/** Only omniORB's server forwards, and says so of its own objects. */
const MOVED = "references.moved";
/** These name the server's own address, which is another one behind a forwarding server. */
const OF_THE_ADDRESS: readonly string[] = ["references.corbaloc", "references.unknown_key"];
/** Of our anys of an exception omniORB's client cannot read these, and its server cannot read those. */
const UNREAD_BY_CLIENT: readonly string[] = [
  "dynamic.make.exception",
  "dynamic.echo_any.exception",
  "dynamic.rebuild.exception",
];
const UNREAD_BY_SERVER: readonly string[] = [
  "dynamic.check.exception",
  "dynamic.echo_any.exception",
  "dynamic.type_of.exception",
  "dynamic.rebuild.exception",
];

/** omniORB sends one value twice in a large graph, and no value in chunks within an exception. */
const UNSENT_BY_OMNIORB: readonly string[] = [
  "values.exact-graph.10000",
  "values.in_exception.chunked",
];
const UNSENT_BY_SERVER: readonly string[] = ["values.in_exception.chunked"];

const without = (names: readonly string[], some: readonly string[]): readonly string[] =>
  names.filter((name) => !some.includes(name));

/** UTF-8 is agreed on: a char beyond ASCII is refused. */
const inUtf8 = (names: readonly string[]): readonly string[] =>
  names.map((name) => (name === "latin1-char.echo" ? "latin1-char-refused.echo" : name));

/** Without wide characters, and with what stands in for them. */
const narrow = (names: readonly string[]): readonly string[] => [
  ...names.filter((name) => !isWide(name)),
  "wide-refused.wchar",
  "wide-refused.wstring",
];

function cppGroups(all: readonly string[]): readonly Group[] {
  const usual = all.filter(
    (name) => !isStandIn(name) && !isNaming(name) && !isRandom(name) && !isIfr(name),
  );
  const control = without(usual, UNSENT_BY_OMNIORB);
  const ours = without(usual, [...UNREAD_BY_CLIENT, MOVED]);
  const utf8 = inUtf8(ours);
  return [
    {
      about: ["omniORB's client and server: the proof that the checks are right."],
      name: "control/giop-1.2",
      checks: control,
    },
    {
      about: ["omniORB has no wide characters below GIOP 1.2."],
      name: "control/giop-1.1",
      checks: narrow(control),
    },
    { name: "control/giop-1.0", checks: narrow(control) },
    {
      about: ["The same client with omniNames."],
      name: "control/naming",
      checks: all.filter(isNaming),
    },
    {
      about: [
        "omniORB's client, our server. omniORB writes an exception in an any without its repository id and can read no",
        "other (CORBA 3.3 Part 2, 9.3.5 has it before the members): it reads neither ours nor its own when we send it",
        "back, so those checks of the control are missing. We read both. UTF-8 is agreed on for char, hence",
        "latin1-char-refused; GIOP 1.0 agrees on nothing and has ISO 8859-1.",
      ],
      name: "omniorb-client/giop-1.2",
      checks: utf8,
    },
    { name: "omniorb-client/giop-1.1", checks: narrow(utf8) },
    { name: "omniorb-client/giop-1.0", checks: narrow(ours) },
    {
      about: ["Calls of all threads on one connection."],
      name: "omniorb-client/one-connection",
      checks: utf8,
    },
    {
      about: ["Our replies in fragments of 1 KiB."],
      name: "omniorb-client/fragments-1.2",
      checks: utf8.filter(isLong),
    },
    { name: "omniorb-client/fragments-1.1", checks: narrow(utf8).filter(isLong) },
  ];
}

function tsGroups(all: readonly string[]): readonly Group[] {
  const usual = all.filter((name) => !isStandIn(name));
  const theirs = without(usual, [...UNREAD_BY_SERVER, ...UNSENT_BY_SERVER]);
  const ours = inUtf8(without(usual, [MOVED]));
  return [
    {
      about: [
        "Our client, omniORB's server, which cannot read an exception in an any as we send it.",
      ],
      name: "ts-client/giop-1.2",
      checks: theirs,
    },
    { name: "ts-client/giop-1.1", checks: narrow(theirs) },
    { name: "ts-client/giop-1.0", checks: narrow(theirs) },
    {
      about: ["Our requests in fragments of 1 KiB."],
      name: "ts-client/fragments-1.2",
      checks: theirs.filter(isLong),
    },
    { name: "ts-client/fragments-1.1", checks: narrow(theirs).filter(isLong) },
    {
      about: ["Our client, our server in another process."],
      name: "ts-client/ts-server",
      checks: ours,
    },
    { name: "ts-client/ts-server-fragments", checks: ours },
  ];
}

function namingGroups(cpp: readonly string[]): readonly Group[] {
  const ours = Object.keys(namingChecks);
  return [
    {
      about: [
        "omniORB's client with our naming service: found by corbaloc, at GIOP 1.0, and by its IOR.",
      ],
      name: "naming/omniorb-client",
      checks: cpp.filter(isNaming),
    },
    { name: "naming/omniorb-client-ior", checks: cpp.filter(isNaming) },
    { about: ["Our client with omniNames."], name: "naming/omninames", checks: ours },
    { name: "naming/omninames-ts-server", checks: ours },
    { about: ["Our client with our naming service."], name: "naming/ours", checks: ours },
    {
      about: ["omniORB's tools with ours, and the protocol of Java's ORB."],
      name: "naming",
      checks: [
        "nameclt/contexts",
        "nameclt/objects",
        "catior/naming",
        "catior/server",
        "bootstrap/get",
        "bootstrap/list",
        "bootstrap/omniorb",
        "peers/two_addresses",
        "peers/kept_context",
      ],
    },
    {
      about: ["omniORB's tools with a peer."],
      name: "peer",
      checks: ["nameclt", "last_of_root_cell"],
    },
  ];
}

function connectionGroups(cpp: readonly string[], ts: readonly string[]): readonly Group[] {
  const forwarded = (names: readonly string[]): readonly string[] =>
    without(names.filter(isForwardable), OF_THE_ADDRESS);
  const restarted: Group = {
    about: ["Persistent references of a server that was stopped and started again."],
    name: "poa",
    checks: ["restart.omniorb_client", "restart.ts_client"],
  };
  const single: Group = {
    about: ["Peers that stop, die, come back, close when idle; several addresses."],
    name: "connections",
    checks: [
      "stopped_peer",
      "killed_peer",
      "idle_close",
      "addresses.ts_client",
      "addresses.omniorb_client",
      "alternates.omniorb_client",
      "alternates.ts_client",
      "ipv6.omniorb_client",
      "ipv6.ts_client",
      "idle_reset.omniorb_client",
      "killed_idle.omniorb_client",
      "refused.omniorb_client",
      "named_by_profile.omniorb_client",
      "named_by_reference.omniorb_client",
      "bidirectional.omniorb_client",
      "bidirectional.ts_client",
      "unix.omniorb_client",
      "unix.ts_client",
    ],
  };
  const sentOn = ["1.0", "1.1", "1.2"].flatMap((version): Group[] => [
    {
      about: [
        `Callers that our server sends on to omniORB's with LOCATION_FORWARD, GIOP ${version}.`,
      ],
      name: `connections/forwarded-omniorb-client-${version}`,
      checks: forwarded(cpp),
    },
    { name: `connections/forwarded-ts-client-${version}`, checks: forwarded(ts) },
  ]);
  const watched: Group = {
    about: ["Interceptors of ours: omniORB passes over what they add, and they see what it does."],
    name: "interceptors",
    checks: ["omniorb_server", "omniorb_client"],
  };
  const lanes: Group = {
    about: ["Thread pools of ours, called by who knows nothing of priorities."],
    name: "real-time",
    checks: ["propagated.omniorb_client", "declared.omniorb_client"],
  };
  const shim: Group = {
    about: ["Clients with the library of native/shim beneath them, which moves their connections."],
    name: "shim",
    checks: [
      "migrated_100_times.omniorb_client",
      "killed_between_requests.omniorb_client",
      "the_next_replica_is_tried.omniorb_client",
      "nobody_left.omniorb_client",
    ],
  };
  const replication: Group = {
    about: [
      "Replicated servants whose primary moves, leaves or is killed, and clients that call them.",
    ],
    name: "replication",
    checks: [
      "moved.omniorb_client",
      "moved.tao_habits",
      "retired.omniorb_client",
      "killed_idle.omniorb_client",
      ...["omniorb_client", "ts_client"].flatMap((client) =>
        ["active", "semi_active", "warm_passive", "cold_passive"].map(
          (style) => `killed_calling_${style}.${client}`,
        ),
      ),
    ],
  };
  const flare: Group = {
    about: ["Our client, redirected to another omniORB server when its own is killed."],
    name: "flare",
    checks: ["omniorb_servers_static", "omniorb_servers_managed"],
  };
  const recovery: Group = {
    about: ["Clients that know nothing of replicas, whose servers leave before they fail."],
    name: "recovery",
    checks: ["forwarded_100_times.omniorb_client", "leaking_servers_replaced.omniorb_client"],
  };
  return [single, restarted, ...sentOn, watched, lanes, shim, replication, flare, recovery];
}

/** Timeouts, oneway calls and asynchronous calls. */
const messaging: Group = {
  about: ["Timeouts, the scopes of oneway calls, and calls whose answers go to reply handlers."],
  name: "messaging",
  checks: [
    "ami.omniorb_worker",
    "ami.poll_omniorb_worker",
    "ami.omniorb_handler",
    "ami.omniorb_client",
    "ami.omniorb_client_our_handler",
    "timeout.ours",
    "timeout.omniorb",
    "sync_scope.no_object",
    "sync_scope.object",
    "policies.sent",
    "policies.published",
  ],
};

/** The commands of `orbweaver` against omniORB's servers and omniNames. */
const commands: Group = {
  about: ["The command line: references and their probes, calls with JSON, names in omniNames."],
  name: "cli",
  checks: [
    "ior.text",
    "ior.probe.reached",
    "ior.probe.object_gone",
    "ior.probe.stopped_server",
    "ior.probe.ended_server",
    "ior.probe.unix",
    "ior.corbaname",
    "call.numbers",
    "call.constructed",
    "call.unions_and_anys",
    "call.exceptions",
    "call.attributes",
    "call.oneway",
    "call.plain_key",
    "call.repository",
    "ns.bind",
    "ns.refusals",
    "ns.names",
    "ns.many",
    "ns.import.service",
    "ns.import.files",
  ],
};

function ifrGroups(cpp: readonly string[]): readonly Group[] {
  const theirs = cpp.filter(isIfr);
  const ours = Object.keys(ifrChecks);
  return [
    {
      about: ["The Interface Repository that answers _get_interface of a server's objects."],
      name: "ifr/ts-server-omniorb-client",
      checks: theirs,
    },
    { name: "ifr/ts-server-ts-client", checks: ours },
    { name: "ifr/omniorb-server-omniorb-client", checks: theirs },
    { name: "ifr/omniorb-server-ts-client", checks: ours },
  ];
}

/** Checks of the compiler's output and of the compiler itself. */
function compilerGroups(): readonly Group[] {
  const firsts = Array.from({ length: 10 }, (_, i) => 50 * i);
  return [
    {
      about: [
        "Random types and values in anys, through omniORB's server; the numbers are of the types of one run.",
      ],
      name: "random-types",
      checks: firsts.map((first) => `${first}-${first + 49}`),
    },
    {
      about: [
        "The same as parameters of calls without stubs, of omniORB's servant without a skeleton.",
      ],
      name: "random-calls/omniorb-servant",
      checks: firsts.map((first) => `${first}-${first + 49}`),
    },
    {
      about: ["omniORB's calls without stubs, of our servant without a skeleton."],
      name: "random-calls/omniorb-client",
      checks: firsts.map((first) => `random.${first}-${first + 49}`),
    },
    {
      about: [
        "The IDL of Debian's packages: idlc accepts what omniidl does, and what it writes type-checks.",
      ],
      name: "corpus",
      checks: ["same_verdict", "code_type_checks"],
    },
  ];
}

async function listCppChecks(peers: Peers): Promise<readonly string[]> {
  const { output } = await runToEnd(peers.client, ["--list"]);
  return output.split("\n").filter((line) => line !== "");
}

/** What checks.txt is to hold; undefined where the omniORB client cannot be asked. */
export async function checksText(): Promise<string | undefined> {
  const peers = await findPeers();
  if (peers === undefined) return undefined;
  const cpp = await listCppChecks(peers);
  const ts = Object.keys(CHECKS);
  const groups = [
    ...cppGroups(cpp),
    ...tsGroups(ts),
    ...namingGroups(cpp),
    ...connectionGroups(cpp, ts),
    messaging,
    commands,
    ...ifrGroups(cpp),
    ...compilerGroups(),
  ];
  const comment = (lines: readonly string[]): string => lines.map((line) => `# ${line}\n`).join("");
  const blocks = groups.map(
    ({ about = [], name, checks }) =>
      comment(about) + checks.map((check) => `${name}/${check}\n`).join(""),
  );
  return [comment(HEAD), ...blocks].join("\n");
}
