import { LINK_FAULTS, PROCESS_FAULTS, type FaultKind } from "../../chaos/index.ts";
import { readArguments, readSeconds, UsageError } from "../../command/index.ts";

export const HELP: string = `Usage: orbweaver chaos FAULT [OPTION]... [-- COMMAND [ARGUMENT]...]

Breaks processes and connections on purpose, to see whether others live with it. Nothing is harmed but what is named.

  crash      SIGKILL
  freeze     SIGSTOP, and SIGCONT after --for: its connections stay open, and nobody answers
  slow       stands still for --percent of each 20 ms; with --peer its main thread computes for as much
  leak       --peer takes --rate MB each second and keeps them, --most MB in all
  stop       --peer ends what leak and slow began, and gives the memory back
  now        --peer tells what of that is going on
  partition  stands between client and server: --link; passes everything on, after --after breaks it for --for, passes
             on again until it is interrupted
  random     faults by chance, of --faults, to all that is named, every --every in the mean, for --for: the same again
             by the same --seed

  --pid PID[@START]    a process; several for random. @START, which random prints, tells it from a later one of that number
  -- COMMAND           random: a program that is started to be harmed, and started again after --restart
  --link LISTEN=TO     HOST:PORT=HOST:PORT, port 0 of the first takes a free one; several times
  --peer HOST:PORT     a peer whose configuration says [chaos] enabled = true
  --way WAY            partition: hold (nothing goes through, nobody is told), refuse, cut, delay (default hold)
  --delay MS           partition --way delay: each way (default 100)
  --percent P          slow: share of its time, 1 to 95 (default 50)
  --rate MB            leak: each second (default 1)
  --most MB            leak: in all (default 100)
  --faults A,B         random: of crash, freeze, slow, cut, hold, refuse, delay (default all that can be done)
  --every SECONDS      random (default 5)
  --seed N             random (default: by chance, and printed)
  --dry-run            random: prints what would happen
  --for SECONDS        how long (default 1; random 60)
  --after SECONDS      partition (default 0)
  --restart SECONDS    random, after a crash of the program (default 1)
  -ORB... VALUE        arguments of the ORB
  --help               this text

Not harmed: process 1, this command and those that started it, threads of the kernel, processes of other users. A process
that stands still goes on when this command ends in whatever way but SIGKILL (then: kill -CONT PID).

Exit codes: 0 done, 1 refused or failed, 2 called in a wrong way, 130 interrupted before it was done.
`;

const OPTIONS = {
  pid: { type: "string", multiple: true },
  link: { type: "string", multiple: true },
  peer: { type: "string" },
  way: { type: "string" },
  delay: { type: "string" },
  percent: { type: "string" },
  rate: { type: "string" },
  most: { type: "string" },
  faults: { type: "string" },
  every: { type: "string" },
  seed: { type: "string" },
  "dry-run": { type: "boolean" },
  for: { type: "string" },
  after: { type: "string" },
  restart: { type: "string" },
} as const;

/** Which options each fault knows. */
const KNOWS: Readonly<Record<string, readonly (keyof typeof OPTIONS)[]>> = {
  crash: ["pid"],
  freeze: ["pid", "for"],
  slow: ["pid", "peer", "percent", "for"],
  leak: ["peer", "rate", "most"],
  stop: ["peer"],
  now: ["peer"],
  partition: ["link", "way", "delay", "for", "after"],
  random: ["pid", "link", "faults", "every", "seed", "dry-run", "for", "restart"],
};

const WAYS = ["hold", "refuse", "cut", "delay"] as const;
const MOST_DELAY_MS = 60_000;
const MOST_PERCENT = 95;
const MOST_MB = 1_000_000;
const LARGEST_SEED = 0xffff_ffff;
const LARGEST_PORT = 0xffff;
const LINK = /^(?:\[([^\]]+)\]|([^:=[\]]+)):(\d{1,5})=(?:\[([^\]]+)\]|([^:=[\]]+)):(\d{1,5})$/;

/** One end of a link, and the other. */
export interface LinkWish {
  readonly host: string;
  readonly port: number;
  readonly toHost: string;
  readonly toPort: number;
}

/** What is asked for. */
export interface Wish {
  readonly fault: string;
  readonly pids: readonly string[];
  readonly links: readonly LinkWish[];
  readonly peer: string | undefined;
  readonly way: (typeof WAYS)[number];
  readonly delayMs: number;
  readonly percent: number;
  readonly rateMb: number;
  readonly mostMb: number;
  readonly faults: readonly FaultKind[];
  readonly everyMs: number;
  readonly seed: number | undefined;
  readonly isDry: boolean;
  readonly forMs: number | undefined;
  readonly afterMs: number;
  readonly restartMs: number;
  readonly command: readonly string[];
  readonly orb: readonly string[];
}

function linkOf(text: string): LinkWish {
  const [, six, four, port, toSix, toFour, toPort] = LINK.exec(text) ?? [];
  const wish = {
    host: six ?? four ?? "",
    port: Number(port),
    toHost: toSix ?? toFour ?? "",
    toPort: Number(toPort),
  };
  if (wish.port <= LARGEST_PORT && wish.toPort >= 1 && wish.toPort <= LARGEST_PORT) return wish;
  throw new UsageError(
    `chaos: --link ${text}: HOST:PORT=HOST:PORT is needed, as 127.0.0.1:0=127.0.0.1:2809`,
  );
}

function faultsOf(text: string | undefined): readonly FaultKind[] {
  const all = [...PROCESS_FAULTS, ...LINK_FAULTS];
  if (text === undefined) return all;
  return text.split(",").map((word) => {
    const kind = all.find((each) => each === word);
    if (kind !== undefined) return kind;
    throw new UsageError(`chaos: --faults: "${word}" is none; allowed: ${all.join(", ")}`);
  });
}

/** @throws UsageError that says what is allowed */
export function readWish(given: readonly string[]): Wish {
  const at = given.indexOf("--");
  const own = at === -1 ? given : given.slice(0, at);
  const { strings, lists, flags, words, orb } = readArguments("chaos", own, OPTIONS);
  const [fault = "", extra] = words;
  if (extra !== undefined) throw new UsageError(`chaos ${fault}: "${extra}" has no place here`);
  const names = [...Object.keys(strings), ...Object.keys(lists), ...flags];
  const known = Object.hasOwn(KNOWS, fault) ? KNOWS[fault] : undefined;
  const strange = names.find((name) => known?.some((each) => each === name) === false);
  if (strange !== undefined)
    throw new UsageError(
      `chaos ${fault}: --${strange} is nothing to it; allowed: ${known?.map((each) => `--${each}`).join(", ")}`,
    );
  const command = at === -1 ? [] : given.slice(at + 1);
  if (command.length > 0 && fault !== "random")
    throw new UsageError(`chaos ${fault}: a command is for random alone`);
  const number = (
    name: keyof typeof OPTIONS,
    other: number,
    least: number,
    most: number,
  ): number => {
    const text = strings[name];
    if (text === undefined) return other;
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(`chaos: --${name} ${text}: a number is needed, ${least} to ${most}`);
  };
  const seconds = (name: keyof typeof OPTIONS, otherMs: number): number =>
    strings[name] === undefined ? otherMs : readSeconds("chaos", `--${name}`, strings[name]);
  const { way: wayText = WAYS[0] } = strings;
  const way = WAYS.find((each) => each === wayText);
  if (way === undefined)
    throw new UsageError(`chaos: --way ${wayText}: allowed are ${WAYS.join(", ")}`);
  return {
    fault,
    pids: lists["pid"] ?? [],
    links: (lists["link"] ?? []).map(linkOf),
    peer: strings["peer"],
    way,
    delayMs: number("delay", 100, 1, MOST_DELAY_MS),
    percent: number("percent", 50, 1, MOST_PERCENT),
    rateMb: number("rate", 1, 0.001, MOST_MB),
    mostMb: number("most", 100, 0.001, MOST_MB),
    faults: faultsOf(strings["faults"]),
    everyMs: seconds("every", 5_000),
    seed:
      strings["seed"] === undefined ? undefined : Math.floor(number("seed", 0, 0, LARGEST_SEED)),
    isDry: flags.has("dry-run"),
    forMs: strings["for"] === undefined ? undefined : seconds("for", 0),
    afterMs: seconds("after", 0),
    restartMs: seconds("restart", 1_000),
    command,
    orb,
  };
}
