import test, { type ExecutionContext } from "ava";
import { findServiceContext, SERVICE_ID } from "../../../orb/giop/index.ts";
import {
  type ObjectReference,
  type ORB,
  ORB_init,
  type Policy,
  string_to_ObjectId,
  type Transport,
} from "../../../orb/index.ts";
import { decapsulate } from "../../../orb/cdr/index.ts";
import type { Initializers } from "../../../orb/hook/index.ts";
import { type Endpoint, newTcpTransport } from "../../../orb/transport/index.ts";
import { type ManifestCapture, readIors, readManifest } from "../../support/vectors.ts";
import * as Anchor from "../../vectors/gen/Anchor.ts";
import type { Spoken } from "./conversation.ts";
import { Peer, type Surroundings } from "./peer-servant.ts";
import { answersOf, keyOf, type Recorded, recordedIn, redirected } from "./recorded.ts";
import {
  adaptersOf,
  BANDS,
  checkReply,
  DEFAULT,
  LANES,
  NO_LANES,
  portOf,
  type Ports,
  PRIORITIES,
  priorityIn,
  RT_LANES,
  type Tally,
} from "./rt-server.ts";
import { ScriptedClient, ScriptedListener } from "./scripted.ts";

const CAPTURES = readManifest().captures.filter(({ file }) => file.startsWith("tao-rt-"));

/** Writes down at which priority each servant is called. */
function watching(
  orb: () => ORB,
  into: (operation: string, priority: number | undefined) => void,
): Initializers {
  return {
    begin: () => ({
      server: {
        begin: ({ operation }) => ({
          arrived: () => undefined,
          calling: () => undefined,
          run: (call) => {
            into(operation, orb().rt.current._peek()?.priority);
            return call();
          },
          end: (end) => end,
          contexts: [],
        }),
      },
    }),
  };
}

/** As the recorded one, with the priority that it sees. */
class RtPeer extends Peer {
  readonly #orb: ORB;

  constructor(orb: ORB, around: Surroundings) {
    super(around);
    this.#orb = orb;
  }

  override seen_priority(): number {
    return this.#orb.rt.current.the_priority;
  }
}

/** Serves the same objects in the same POAs. */
async function serve(orb: ORB, elsewhere: ORB, recorded: Recorded): Promise<Ports> {
  const { rt, rootPOA } = orb;
  const pool = await rt.create_threadpool_with_lanes(0, RT_LANES, false, false, 0, 0);
  const flat = await rt.create_threadpool(0, 1, 0, 100, false, 0, 0);
  const poas = adaptersOf(pool, flat);
  const plain = await rootPOA.createPoa("plain", { idAssignment: "USER_ID" });
  const unknown = (name: string): Anchor.Peer =>
    Anchor.Peer.uncheckedNarrow(
      plain.create_reference_with_id(string_to_ObjectId(name), Anchor.Peer.repositoryId),
    ) as Anchor.Peer;
  const around: Surroundings = {
    who: String(answersOf(recorded, "_get_who")[0]),
    priorities: [].values(),
    ghost: unknown("nobody"),
    moved: unknown("gone-away"),
    onStop: () => undefined,
  };
  const objects = new Map<string, ObjectReference>();
  for (const [name, options] of Object.entries(poas)) {
    const poa = await rootPOA.createPoa(name, { ...options, idAssignment: "USER_ID" });
    objects.set(`${name} peer`, await poa.activate("peer", new RtPeer(orb, around)));
    if (name !== "server_declared") continue;
    poa.activate_object_with_id_and_priority(
      string_to_ObjectId("high"),
      new RtPeer(orb, around),
      25_000,
    );
    objects.set("server_declared high", poa.id_to_reference(string_to_ObjectId("high")));
  }
  const gone = await elsewhere.rootPOA.activate(new Peer(around));
  for (const { asked } of recorded.conversations.flatMap(({ exchanges }) => exchanges)) {
    const key = keyOf(asked);
    const text = key?.toString("latin1") ?? "";
    const object = /(?:peer|high|nobody|gone-away)$/u.exec(text)?.[0];
    if (key === undefined || object === undefined) throw new RangeError(`whose key is ${text}?`);
    if (object === "nobody") continue;
    const poa = Object.keys(poas).find((name) => text.includes(name));
    orb.bindPlainKey(
      key,
      object === "gone-away" ? gone : (objects.get(`${poa} ${object}`) ?? null),
    );
  }
  rootPOA.the_POAManager.activate();
  elsewhere.rootPOA.the_POAManager.activate();
  const own = orb.endpoints[0]?.port ?? 0;
  const opened = rt.threadpoolState(pool).lanes.map(({ endpoint }) => endpoint?.port ?? 0);
  return new Map([
    [DEFAULT, own],
    [NO_LANES, own],
    ...[...LANES.keys()].map((port, at) => [port, opened[at] ?? 0] as const),
  ]);
}

async function replay(t: ExecutionContext, capture: ManifestCapture): Promise<Tally> {
  const recorded = recordedIn(capture);
  const listen = ["iiop://127.0.0.1:0"];
  const called: (readonly [operation: string, priority: number | undefined])[] = [];
  const initializers = watching(
    () => orb,
    (...of) => called.push(of),
  );
  const orb = await ORB_init([], { config: { orb: { listen } }, initializers });
  const elsewhere = await ORB_init([], { config: { orb: { listen } } });
  t.teardown(async () => {
    await orb.destroy();
    await elsewhere.destroy();
  });
  const ports = await serve(orb, elsewhere, recorded);
  const callbacks = recorded.callbacks.flatMap(({ exchanges }) =>
    exchanges.filter((e) => e.operation === "heard"),
  );
  const listener = await ScriptedListener.listen(callbacks.map((e) => e.answered as Spoken));
  t.teardown(() => listener.close());
  const callbackPort = portOf(recorded.callbacks[0]?.server ?? "");
  const tally: Tally = { requests: 0, inLanes: 0, echoed: 0 };
  for (const { server, exchanges, codeSets } of recorded.conversations) {
    const theirPort = portOf(server);
    const client = await ScriptedClient.connect(ports.get(theirPort) ?? 0);
    t.teardown(() => client.close());
    for (const e of exchanges) {
      const { frame } = e.asked;
      called.length = 0;
      client.send(e.operation === "relay" ? redirected(frame, callbackPort, listener.port) : frame);
      tally.requests++;
      if (e.answered === undefined) continue;
      checkReply(t, await client.receive(), e, codeSets, tally);
      // A oneway before it may have been called meanwhile.
      const last = called.at(-1);
      if (last === undefined || last[0] !== e.operation) continue;
      const lane = LANES.get(theirPort);
      t.is(
        last[1],
        theirPort === NO_LANES ? priorityIn(e.asked) : lane,
        `${e.operation} at ${server}`,
      );
      if (lane !== undefined) tally.inLanes++;
    }
  }
  const [{ strayCount }] = [orb.rt.threadpoolState(1)];
  t.is(strayCount, 0, "every request came to the endpoint of its lane");
  return tally;
}

for (const capture of CAPTURES)
  test(`the requests of ${capture.file} run in the lanes that TAO ran them in, and replies have the same priorities`, async (t) => {
    const { requests, inLanes, echoed } = await replay(t, capture);
    t.log(`${requests} requests, ${inLanes} in lanes; ${echoed} replies with a priority`);
    t.true(capture.file.includes("no-lanes") ? echoed >= 100 : inLanes >= 40 && echoed === 0);
  });

/** What our client is to do for one capture: calls of `ping`, in the order of the recorded client. */
interface Calls {
  readonly file: string;
  readonly references: readonly (readonly [ior: string, priority: number])[];
  readonly policies?: (orb: ORB) => readonly Policy[];
}

const banded = (orb: ORB): readonly Policy[] => [
  orb.rt.create_priority_banded_connection_policy(BANDS),
];
const CALLS: readonly Calls[] = [
  {
    file: "tao-rt-client-propagated.bin.gz",
    references: PRIORITIES.map((priority) => ["rt-cp", priority]),
  },
  {
    file: "tao-rt-server-declared.bin.gz",
    references: [
      ["rt-sd", 5_000],
      ["rt-sd-high", 5_000],
    ],
  },
  {
    file: "tao-rt-no-lanes.bin.gz",
    references: [
      ["rt-nolanes", 5_000],
      ["rt-nolanes", 25_000],
    ],
  },
  {
    file: "tao-rt-bands-server.bin.gz",
    references: [
      ["rt-cp-bands", 5_000],
      ["rt-cp-bands", 25_000],
    ],
  },
  {
    file: "tao-rt-bands-client.bin.gz",
    references: [
      ["rt-cp", 5_000],
      ["rt-cp", 25_000],
    ],
    policies: banded,
  },
  {
    file: "tao-rt-private-connection.bin.gz",
    references: [["rt-cp", 5_000]],
    policies: (orb) => [orb.rt.create_private_connection_policy()],
  },
];

/** TCP that leads to other ports than asked for. */
function redirecting(to: ReadonlyMap<number, number>): Transport {
  const tcp = newTcpTransport({ keepAliveMs: 0 });
  return {
    ...tcp,
    listen: (at, accept) => tcp.listen(at, accept),
    connect: (at: Endpoint, signal) =>
      tcp.connect({ ...at, port: to.get(at.port) ?? at.port }, signal),
  };
}

/** TAO's answer to a `ping`, without service contexts. */
const REPLY = CAPTURES.flatMap((capture) => recordedIn(capture).conversations)
  .flatMap(({ exchanges }) => exchanges)
  .filter(({ operation }) => operation === "ping")
  .flatMap(({ answered }) => answered ?? [])
  .find(({ header }) => header.type === "Reply" && header.contexts.length === 0) as Spoken;

/** Where requests went, what they said of their priority, and what context data. */
interface Sent {
  readonly port: number;
  readonly priority: number | undefined;
  readonly octets: number | undefined;
}

function sentAs(port: number, { header }: Spoken): Sent {
  const context =
    header.type === "Request"
      ? findServiceContext(header.contexts, SERVICE_ID.rtCorbaPriority)
      : undefined;
  const priority =
    context === undefined ? undefined : decapsulate(context.data, (input) => input.short());
  return { port, priority, octets: context?.data.length };
}

for (const { file, references, policies } of CALLS)
  test(`our client's calls through TAO's references of ${file} go where TAO's client's went, and say the same`, async (t) => {
    const capture = CAPTURES.find((each) => each.file === file) as ManifestCapture;
    const { conversations } = recordedIn(capture);
    // What went through `ghost` and `moved` says nothing of priorities: their own references have none.
    const isPropagated = !references.some(([name]) => name.startsWith("rt-sd"));
    const recorded = conversations
      .filter(({ exchanges }) => exchanges.some((e) => e.operation === "seen_priority"))
      .flatMap(({ server, exchanges }) =>
        exchanges.flatMap((e) => (e.operation === "ping" ? sentAs(portOf(server), e.asked) : [])),
      )
      .filter(({ priority }) => (priority !== undefined) === isPropagated);
    const listeners = new Map<number, ScriptedListener>();
    for (const port of [...LANES.keys(), NO_LANES]) {
      const listener = await ScriptedListener.listen([REPLY]);
      t.teardown(() => listener.close());
      listeners.set(port, listener);
    }
    const ports = new Map([...listeners].map(([port, listener]) => [port, listener.port]));
    const orb = await ORB_init([], {
      config: { orb: { listen: [] } },
      transport: redirecting(ports),
    });
    t.teardown(() => orb.destroy());
    const sent: Sent[] = [];
    for (const [name, priority] of references) {
      const ior = readIors().find((each) => each.name === name)?.text ?? "";
      const object = (await orb.string_to_object(ior.trim())) as ObjectReference;
      const reference = object._set_policy_overrides(policies?.(orb) ?? [], "SET_OVERRIDE");
      const peer = Anchor.Peer.uncheckedNarrow(reference) as Anchor.Peer;
      await orb.rt.current.withPriority(priority, () => peer.ping(1n));
      for (const [port, { heard }] of listeners) {
        const [request] = heard.splice(0);
        if (request !== undefined) sent.push(sentAs(port, request));
      }
    }
    const unlike = (all: readonly Sent[]): readonly string[] => [
      ...new Set(all.map((each) => JSON.stringify(each))),
    ];
    t.deepEqual(unlike(sent), unlike(recorded));
    t.is(sent.length, references.length);
  });
