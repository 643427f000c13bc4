import { GROUP_CONTROL_KEY, GroupControl } from "../../group-control/index.ts";
import { OBJECT_NOT_EXIST, type ORB, SystemException } from "../../../orb/index.ts";
import { type Command, readArguments, type Surroundings, UsageError } from "../../command/index.ts";
import { objectOf } from "../calling.ts";
import { type Deed, doDeed } from "./deeds.ts";

const DEFAULT_AT = "127.0.0.1:2809";

const HELP = `Usage: orbweaver group ls | show NAME | move NAME SITE | style NAME STYLE | add NAME | remove NAME SITE
                       [--at HOST:PORT] [OPTION]...

Shows replication groups, and changes them while clients call them. A process that serves GroupControl
(serveGroupControl of orbweaver/services/group-control) is asked; the others of a group are found through it.

  ls                   the groups that have a replica at the process: style, view, members, where its own stands
  show NAME            one group: its members and where clients reach them, the primary first; what a crash may cost
  move NAME SITE       the primary gives its place to the replica at SITE
  add NAME             makes a replica at the process, where it knows how to
  style NAME STYLE     the group is run in another way from one operation on: active, semi-active, warm-passive,
                       cold-passive; what it cannot be is refused, with the reason
  remove NAME SITE     the replica at SITE leaves: its clients are sent to the others first, and notice nothing

SITE is the site of a member, its id, or its address, as show prints them.

  --at HOST:PORT       the process (default ${DEFAULT_AT}), or a reference: IOR:…, corbaloc:…
  --json               ls, show: prints all there is as JSON
  --timeout SECONDS    what it may take (default 30)
  -ORB... VALUE        arguments of the ORB
  --help               this text

Exit codes: 0 done, 1 refused or not done, or nobody answers, 2 called in a wrong way, 130 interrupted.
`;

const OPTIONS = {
  at: { type: "string" },
  json: { type: "boolean" },
  timeout: { type: "string" },
} as const;

interface Asked {
  readonly orb: ORB;
  readonly control: GroupControl.Control;
  readonly words: readonly string[];
  readonly isJson: boolean;
  readonly timeoutMs: number;
}

const DEEDS: Readonly<Record<string, Deed<Asked>>> = {
  ls: {
    takes: [],
    run: async ({ control, isJson }) => {
      const groups = await control.list();
      return isJson ? [jsonOf(groups)] : table(groups);
    },
  },
  show: {
    takes: ["NAME"],
    run: async ({ control, words: [name = ""], isJson }) => {
      const group = await control.show(name);
      return isJson ? [jsonOf(group)] : shown(group);
    },
  },
  move: {
    takes: ["NAME", "SITE"],
    run: async ({ orb, control, words: [name = "", site = ""], timeoutMs }) => {
      const group = await control.show(name);
      const to = memberAt(group, site);
      const [primary] = group.members;
      const at = await controlAt(orb, primary);
      await at.move(name, to.id, timeoutMs);
      return [`${name}: ${to.site} (${to.address}) is the primary`];
    },
  },
  style: {
    takes: ["NAME", "STYLE"],
    run: async ({ orb, control, words: [name = "", style = ""], timeoutMs }) => {
      const [primary] = (await control.show(name)).members;
      const at = await controlAt(orb, primary);
      await at.change_style(name, style, timeoutMs);
      const [first = ""] = shown(await at.show(name));
      return [first];
    },
  },
  add: {
    takes: ["NAME"],
    run: async ({ control, words: [name = ""], timeoutMs }) => {
      await control.add(name, timeoutMs);
      return shown(await control.show(name));
    },
  },
  remove: {
    takes: ["NAME", "SITE"],
    run: async ({ orb, control, words: [name = "", site = ""], timeoutMs }) => {
      const member = memberAt(await control.show(name), site);
      await (await controlAt(orb, member)).remove(name, timeoutMs);
      return [`${name}: the replica at ${member.site} (${member.address}) has left`];
    },
  },
};

/** @throws UsageError naming the members there are */
function memberAt({ name, members }: GroupControl.Group, site: string): GroupControl.Member {
  const found = members.filter((one) => [one.site, one.id, one.address].includes(site));
  const [member] = found;
  if (member !== undefined && found.length === 1) return member;
  const known = members.map((one) => `${one.site} (${one.address})`).join(", ");
  const what = member === undefined ? "has no member at" : "has several members at";
  throw new UsageError(`group: ${name} ${what} ${site}; its members: ${known || "none"}`);
}

/** The control of a member's process: it answers where the member's clients do. */
async function controlAt(
  orb: ORB,
  member: GroupControl.Member | undefined,
): Promise<GroupControl.Control> {
  if (member === undefined || member.address === "")
    throw new UsageError("group: it has not been told where that member is reached");
  return await controlOf(orb, `corbaloc:iiop:1.2@${member.address}/${GROUP_CONTROL_KEY}`);
}

async function controlOf(orb: ORB, url: string): Promise<GroupControl.Control> {
  return GroupControl.Control.uncheckedNarrow(await objectOf(orb, "group", url));
}

function table(groups: GroupControl.GroupList): readonly string[] {
  const rows = [
    ["group", "style", "view", "replicas", "primary", "here"],
    ...groups.map(({ name, style, view, replicas, members, standing }) => [
      name,
      style,
      String(view),
      replicas === 0 ? String(members.length) : `${members.length} of ${replicas}`,
      members[0]?.site ?? "",
      standing,
    ]),
  ];
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths?.[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function shown(group: GroupControl.Group): readonly string[] {
  const { name, style, view, members, self, standing, loss_window, replicas } = group;
  const wanted = replicas === 0 ? "" : `, ${members.length} of ${replicas} replicas`;
  return [
    `${name}: ${style}, view ${view}${wanted}; a crash of the primary may cost: ${loss_window}`,
    ...members.map(({ id, site, address }, i) => {
      const here = id === self ? `, here: ${standing}` : "";
      return `  ${i === 0 ? "primary " : "follower"}  ${site}  ${address || "not told"}  ${id}${here}`;
    }),
    `  sent elsewhere by the replica here: ${group.sent_elsewhere} requests`,
  ];
}

function jsonOf(what: GroupControl.Group | GroupControl.GroupList): string {
  const plain = (_key: string, value: unknown): unknown =>
    typeof value === "bigint" ? Number(value) : value;
  return JSON.stringify(what, plain, 2);
}

/** What refusals say to people; undefined for others. */
function refusal(thrown: unknown): string | undefined {
  if (thrown instanceof GroupControl.UnknownGroup)
    return `the process has no group "${thrown.group_name}"; it has: ${thrown.known.join(", ") || "none"}`;
  if (thrown instanceof GroupControl.NotDone) return thrown.reason;
  if (thrown instanceof OBJECT_NOT_EXIST)
    return `${thrown.message}; a peer shows its groups with [groups] enabled = true and [control] access = "full"`;
  if (thrown instanceof SystemException) return thrown.message;
  return undefined;
}

function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const given = readArguments("group", args, OPTIONS);
  const { at = DEFAULT_AT } = given.strings;
  const url = /^(?:ior|corbaloc|corbaname):/i.test(at)
    ? at
    : `corbaloc:iiop:1.2@${at}/${GROUP_CONTROL_KEY}`;
  const isJson = given.flags.has("json");
  const target = async (orb: ORB, words: readonly string[], timeoutMs: number): Promise<Asked> => ({
    orb,
    control: await controlOf(orb, url),
    words,
    isJson,
    timeoutMs,
  });
  return doDeed({ command: "group", deeds: DEEDS, given, target, refusal }, surroundings);
}

/** `orbweaver group`: replication groups from the command line. */
export const groupCommand: Command = {
  name: "group",
  summary: "shows replication groups, moves, adds and removes replicas, changes styles",
  help: HELP,
  run,
};
