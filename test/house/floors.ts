/** Who may import whom: a folder and the folders directly beneath it; what those may import is included. */
export type Floors = Readonly<Record<string, readonly string[]>>;

/** Floors between the top folders; exactly these, nothing inherited. */
export const TOP: Floors = {
  orb: [],
  native: [],
  idlc: [],
  idl: ["orb"],
  interceptors: ["orb", "idl"],
  services: ["orb", "idl", "interceptors", "native"],
  examples: ["orb", "idl", "idlc", "interceptors", "services", "native"],
  test: ["orb", "idl", "idlc", "interceptors", "services", "native", "examples"],
};

/** Single folders that may import more than their top folder. */
export const TOP_EXTRA: Floors = {
  "services/ifr": ["idlc"],
  "services/cli": ["idlc"],
};

const ORB: Floors = {
  base: [],
  exception: ["base"],
  cdr: ["exception"],
  typecode: ["cdr"],
  value: ["cdr"],
  any: ["typecode", "value"],
  ior: ["cdr"],
  giop: ["ior"],
  policy: ["any"],
  messaging: ["policy", "giop"],
  transport: ["exception"],
  probe: ["giop", "transport"],
  trace: ["giop", "transport"],
  rt: ["policy"],
  iiop: ["giop", "transport", "rt", "hook"],
  bidirectional: ["iiop"],
  hook: ["giop", "ior", "policy", "transport"],
  outgoing: ["iiop", "hook"],
  call: ["outgoing", "hook", "messaging"],
  object: ["call"],
  manager: ["object"],
  poa: ["manager"],
  dynany: ["object"],
  rtpoa: ["poa"],
  dynamic: ["poa"],
  core: ["dynamic", "rtpoa", "dynany", "bidirectional", "trace"],
  "index.ts": ["core", "probe"],
  "generated.ts": ["core"],
};

const IDLC: Floors = {
  source: [],
  preprocess: ["source"],
  lex: ["preprocess"],
  ast: ["lex"],
  parse: ["ast"],
  resolve: ["parse"],
  check: ["resolve"],
  model: ["check"],
  plan: [],
  emit: [],
  "index.ts": ["model", "plan", "emit"],
  cli: ["index.ts"],
  unplugin: ["cli"],
};

const LOWEST_SERVICES: readonly string[] = [
  "command",
  "admission",
  "overlay",
  "bindings",
  "names",
  "names-node",
  "disk",
  "p3",
  "history",
  "group",
  "monitor",
  "ifr",
  "json",
  "doctor",
  "lane-thread",
  "probe",
  "websocket",
  "settings",
  "health",
];
const MIDDLE_SERVICES: readonly string[] = ["lanes", "naming", "qos", "pubsub", "stream"];

const SERVICES: Floors = {
  command: [],
  admission: [],
  overlay: [],
  p3: ["overlay"],
  "p3-wire": ["p3"],
  "p3-net": ["p3-wire"],
  bindings: [],
  names: ["overlay", "bindings"],
  disk: [],
  "names-node": ["names", "disk"],
  history: [],
  group: ["history", "overlay"],
  "group-wire": ["group"],
  monitor: ["settings"],
  predictor: [],
  chaos: [],
  recovery: ["predictor"],
  ifr: [],
  json: [],
  doctor: [],
  "lane-thread": [],
  probe: ["websocket"],
  websocket: [],
  settings: [],
  health: [],
  lanes: LOWEST_SERVICES,
  naming: LOWEST_SERVICES,
  qos: LOWEST_SERVICES,
  pubsub: LOWEST_SERVICES,
  stream: LOWEST_SERVICES,
  replication: MIDDLE_SERVICES,
  "group-store": ["replication", "group-wire", "disk"],
  "group-control": ["replication"],
  "group-net": ["replication", "group-wire", "p3-net"],
  manager: ["replication"],
  forwarding: ["manager"],
  console: ["forwarding"],
  "peer-groups": ["group-net", "group-store"],
  peer: ["forwarding", "group-control", "peer-groups", "chaos"],
  cli: ["node"],
  node: ["console", "peer"],
};

const INTERCEPTORS: Floors = {
  portable: [],
  flare: ["portable"],
  mead: ["portable"],
  "index.ts": ["flare", "mead"],
};

/** Floors inside a top folder, with everything beneath each included. */
export const INSIDE: Readonly<Record<string, Floors>> = {
  orb: closed(ORB),
  // The emitter reads the resolved model only: no syntax, no scopes.
  idlc: { ...closed(IDLC), plan: ["model"], emit: ["model", "plan"] },
  services: closed(SERVICES),
  interceptors: closed(INTERCEPTORS),
};

/** The floors with what lies beneath each one's floors added. */
export function closed(direct: Floors): Floors {
  const beneath = (name: string): readonly string[] =>
    (direct[name] ?? []).flatMap((lower) => [lower, ...beneath(lower)]);
  return Object.fromEntries(
    Object.keys(direct).map((name) => [name, [...new Set(beneath(name))].toSorted()]),
  );
}

/** Files of a top folder that other top folders enter it by, besides `<folder>/index.ts`. */
export const ENTRIES: readonly string[] = ["orb/index.ts", "orb/generated.ts"];

/** Inner folders of `orb` that other top folders may enter, and which ones. */
export const SIDE_DOORS: Floors = {
  "orb/base": ["interceptors", "services"],
  "orb/hook": ["interceptors", "services/replication"],
};

/** Modules that belong to one place: each with the folders that may import it. */
export const BELONGS: Floors = {
  "node:net": ["orb/transport", "services/chaos", "test", "examples"],
  "node:tls": ["orb/transport", "test", "examples"],
  "@iarna/toml": ["services/node"],
  "ts-morph": ["idlc/emit", "test"],
  unplugin: ["idlc/unplugin"],
  ws: ["services/health", "services/websocket", "test"],
  lmdb: ["services/disk", "test"],
  pino: ["services/node"],
  "prom-client": ["services/node"],
};

/** Folders that may import no package at all, only `node:` modules. */
export const BARE: readonly string[] = ["orb", "native"];

/** Top folders without inner ones: their files import each other. */
export const FLAT: readonly string[] = ["native"];

/** Folders of pure functions and byte cursors: no promise, no timer, no socket. */
export const PURE: readonly string[] = [
  "orb/cdr",
  "orb/value",
  "orb/typecode",
  "orb/any",
  "orb/dynany",
  "orb/ior",
  "orb/giop",
];
