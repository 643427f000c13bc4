import test, { type ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { freePorts } from "../../chaos/links.ts";
import { eventually } from "../../support/process.ts";
import { isReal, startDaemon } from "../qos/real.ts";
import { bankAt, commonText, type Daemon, MODULE, start, START_MS } from "./peers.ts";

/** Percent of a peer's share of the host that a replica takes, and its group. */
const SHARE = { cpuPercent: 50, groupPercent: 10 };

interface Told {
  readonly by: string;
  readonly atMs: number;
  readonly kind: string;
  readonly site?: string;
  readonly step?: number;
  readonly reason?: string;
}

/** What peers told of the placing of a group's replicas, in the order in which it happened. */
function toldBy(daemons: readonly Daemon[], group: string): readonly Told[] {
  return daemons
    .flatMap(({ name, process }) =>
      `${process.output}\n${process.errors}`
        .split("\n")
        .filter((line) => line.startsWith("{") && line.includes(`group \\"${group}\\": `))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((fields) => fields["kind"] !== undefined && fields["group"] === group)
        .map(
          (fields) => ({ ...fields, by: name, atMs: Number(fields["time"]) }) as unknown as Told,
        ),
    )
    .toSorted((one, other) => one.atMs - other.atMs);
}

/** As a line of a trace: step, what, and where. */
const text = ({ by, step, kind, site = "" }: Told): string =>
  `${step ?? "-"} ${by}: ${kind} ${site}`.trim();

async function trace(t: ExecutionContext, socket: string | undefined): Promise<void> {
  t.timeout(180_000);
  const orb = await ORB_init([], { config: { orb: { listen: [], deadlineMs: 20_000 } } });
  t.teardown(() => orb.destroy());
  const [seed = 0, groups = 0, full = 0] = await freePorts(3);
  const qos =
    socket === undefined
      ? ""
      : `[qos]\nuse = true\nsocket = ${JSON.stringify(socket)}\ncpuPercent = 20\n`;
  const table = (name: string, port: number, replicas: number): string => `
[[service]]
name = "${name}"
module = ${JSON.stringify(MODULE)}
export = "BankServant"
replication = { members = ["127.0.0.1:${port}"], replicas = ${replicas}, qos = { cpuPercent = ${SHARE.cpuPercent}, groupPercent = ${SHARE.groupPercent} } }
`;
  // The least loaded, and yet it has no room: another service is there, or the module is not allowed.
  const busyText = commonText({
    seed,
    port: seed,
    groups: full,
    attributes: { load: 0 },
    allow: socket === undefined ? [] : [MODULE],
  });
  const busy = await start(t, orb, "busy", `${busyText}${qos}${table("other", full, 1)}`);
  const spareText = commonText({ seed, port: 0, attributes: { load: 0.5 } });
  const spare = await start(t, orb, "spare", `${spareText}${qos}`);
  const firstText = commonText({ seed, port: 0, groups, allow: [] });
  const first = await start(t, orb, "first", `${firstText}${qos}${table("bank", groups, 2)}`);
  await eventually(
    "a replica is at the spare peer",
    async () => (await bankAt(spare)) !== undefined,
    START_MS,
  );
  const all = [busy, spare, first];
  await eventually("it was acknowledged", () =>
    toldBy(all, "bank").some(({ kind }) => kind === "acknowledged"),
  );
  const told = toldBy(all, "bank");
  t.deepEqual(
    told
      .filter(({ by, kind }) => kind !== "sites" && (kind !== "refused" || by === "first"))
      .map(text),
    [
      "1 first: requested first",
      "2 first: admitted first",
      "3 first: reserved first",
      "4 first: founded first",
      "5 first: asked busy",
      "- first: refused busy",
      "5 first: asked spare",
      "6 spare: admitted there spare",
      "7 spare: reserved there spare",
      "8 spare: joined spare",
      "9 first: acknowledged spare",
    ],
  );
  const refused = told.find(({ kind }) => kind === "refused");
  if (socket === undefined) t.regex(refused?.reason ?? "", /control\.allow/);
  else t.regex(refused?.reason ?? "", /50.*40|40.*50/, "what was asked for, and what is free");
}

test.serial(
  "nine steps make a replicated service; who refuses is followed by the next site",
  async (t) => {
    await trace(t, undefined);
  },
);

const real = isReal ? test.serial : test.skip;

real(
  "the QoS daemon admits each replica at its site; where there is not enough it says what is free",
  async (t) => {
    const { config } = await startDaemon(t);
    await trace(t, config.socket);
  },
);
