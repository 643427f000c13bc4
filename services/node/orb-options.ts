import { LONGEST_DELAY_MS } from "../../orb/base/index.ts";
import {
  type Check,
  describe,
  integer,
  isTable,
  oneOf,
  type Options,
  saying,
  truth,
} from "../settings/index.ts";
import { type PolicyConfig, policies } from "./policies.ts";

/** `[orb]`: the same as the `-ORB…` arguments, which win over it. */
export interface OrbConfig {
  /** Where to listen: `iiop://HOST:PORT`; port 0 takes a free one. */
  readonly listen?: readonly string[];
  /** What references carry instead: `HOST:PORT` for each address clients reach us at; `{host}`, `{hosts}`, `{hostname}` and `{port}` are filled in. */
  readonly publish?: readonly string[];
  /** Milliseconds a call may take. */
  readonly deadlineMs?: number;
  /** Milliseconds that connecting to one address may take. */
  readonly connectTimeoutMs?: number;
  /** Requests both ways over one connection: none, offer, accept or both. */
  readonly bidirectional?: "none" | "offer" | "accept" | "both";
  /** Connections accepted at once. */
  readonly maxConnections?: number;
  /** Milliseconds without a message after which an accepted connection is closed; 0 never. */
  readonly acceptedIdleMs?: number;
  /** The same for connections opened. */
  readonly openedIdleMs?: number;
  /** Milliseconds of silence after which TCP asks whether the peer is there; 0 never. */
  readonly keepAliveMs?: number;
  /** Accepted connections are reset when the process is killed; needs the native addon. */
  readonly resetOnCrash?: boolean;
  /** Octets queued on one connection, or held by its requests in work. */
  readonly maxQueuedOctets?: number;
  /** Octets of the longest message that is read. */
  readonly maxMessageOctets?: number;
  /** Values of value types in one message, sent or received. */
  readonly maxValues?: number;
  /** Octets above which messages are sent in fragments; 0 never does. */
  readonly fragmentOctets?: number;
  /** Requests a POAManager keeps while it is HOLDING. */
  readonly maxHeldRequests?: number;
  /** 1 prints GIOP messages as people read them, 2 their octets, too; 0 does not. */
  readonly trace?: number;
  /** CORBA priorities that lanes may have: `[0, 32767]`. */
  readonly rtPriorityRange?: readonly [number, number];
  /** Native priorities that they are mapped to: `[1, 48]`. */
  readonly rtNativeRange?: readonly [number, number];
  readonly rtMapping?: "linear" | "direct" | "continuous";
  /** `[orb.policies]`: of all calls, where neither call, reference nor thread has others. */
  readonly policies?: PolicyConfig;
  /** Initial references: id → `IOR:`, `corbaloc:` or `corbaname:`. */
  readonly initRef?: Readonly<Record<string, string>>;
}

/** GIOP states sizes as unsigned 32-bit; twelve octets are a header. */
export const MESSAGE_OCTETS = { least: 12, most: 0xffff_ffff } as const;

function strings(form: RegExp, example: string): Check<readonly string[]> {
  return saying(`array of \`${example}\``, (value, fail) => {
    if (!Array.isArray(value))
      return fail(`an array like ["${example}"] is needed, not ${describe(value)}`);
    return value.map((entry: unknown): string => {
      if (
        typeof entry === "string" &&
        form.test(entry) &&
        Number(/:(\d+)$/.exec(entry)?.[1] ?? 0) <= 0xffff
      )
        return entry;
      return fail(`"${example}" is the form of an entry, not ${describe(entry)}`);
    });
  });
}

/** The lower first. */
function rangeWithin(least: number, most: number): Check<readonly [number, number]> {
  return saying(`[low, high], ${least} to ${most}`, (value, fail) => {
    const [low, high, ...more] = Array.isArray(value) ? (value as readonly unknown[]) : [];
    const isNumber = (each: unknown): each is number => Number.isInteger(each);
    const isRight =
      isNumber(low) &&
      isNumber(high) &&
      more.length === 0 &&
      least <= low &&
      low <= high &&
      high <= most;
    if (isRight) return [low, high];
    return fail(`[low, high] within ${least} to ${most} is needed, not ${JSON.stringify(value)}`);
  });
}

const URL_SCHEME = /^(?:IOR|corbaloc|corbaname):/i;

const references: Check<Readonly<Record<string, string>>> = saying(
  "table of references",
  (value, fail) => {
    if (!isTable(value))
      return fail(`a table like { NameService = "corbaloc::host:2809/NameService" } is needed`);
    const checked: Record<string, string> = {};
    for (const [id, url] of Object.entries(value)) {
      if (typeof url !== "string" || !URL_SCHEME.test(url))
        return fail(
          `${id} is to be an IOR:, corbaloc: or corbaname: reference, not ${describe(url)}`,
        );
      checked[id] = url;
    }
    return checked;
  },
);

/** No message has room for more: each takes 4 octets at the least. */
const MOST_VALUES = MESSAGE_OCTETS.most >>> 2;

const HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+)`;

/** What may be listened at. */
export const LISTEN: RegExp = new RegExp(`^(?:iiop://${HOST}:\\d{1,5}|unix:///.+)$`);

/** Every key of `[orb]`. */
export const ORB_OPTIONS: Options<OrbConfig> = {
  listen: {
    check: strings(LISTEN, "iiop://127.0.0.1:2810"),
    standard: ["iiop://127.0.0.1:0"],
    means:
      "where to listen: `iiop://HOST:PORT`, `unix:///PATH`; port 0 takes a free one; `[]`: nowhere",
  },
  publish: {
    check: strings(
      new RegExp(`^(?:${HOST}|\\{(?:host|hosts|hostname)\\}):(?:\\d{1,5}|\\{port\\})$`),
      "metro1.example:2810",
    ),
    otherwise: "where it listens",
    means:
      "what references say instead, `HOST:PORT` each; `{host}`, `{hosts}`, `{hostname}` and `{port}` are filled in",
  },
  deadlineMs: {
    check: integer(1, LONGEST_DELAY_MS),
    unit: "ms",
    standard: 30_000,
    means: "what a call may take where it does not say",
  },
  connectTimeoutMs: {
    check: integer(1, LONGEST_DELAY_MS),
    unit: "ms",
    standard: 5_000,
    means: "what connecting to one address may take",
  },
  bidirectional: {
    check: oneOf(["none", "offer", "accept", "both"]),
    standard: "none",
    means: "requests both ways over one connection: `offer` to servers, `accept` from clients",
  },
  maxConnections: {
    check: integer(1, 1_000_000),
    standard: 10_000,
    means: "connections accepted at once; more are sent away",
  },
  acceptedIdleMs: {
    check: integer(0, LONGEST_DELAY_MS),
    unit: "ms",
    standard: 0,
    means: "without a message for this long an accepted connection is closed; 0: never",
  },
  openedIdleMs: {
    check: integer(0, LONGEST_DELAY_MS),
    unit: "ms",
    standard: 120_000,
    means: "the same for connections opened",
  },
  keepAliveMs: {
    check: integer(0, LONGEST_DELAY_MS),
    unit: "ms",
    standard: 60_000,
    means: "silence after which TCP asks whether the other side is there; 0: never",
  },
  resetOnCrash: {
    check: truth,
    standard: false,
    means: "accepted TCP connections are reset when the process is killed; needs the native addon",
  },
  maxQueuedOctets: {
    check: integer(1, MESSAGE_OCTETS.most),
    unit: "octets",
    standard: 268_435_456,
    means: "queued on one connection, or held by its requests in work",
  },
  fragmentOctets: {
    check: integer(0, MESSAGE_OCTETS.most),
    unit: "octets",
    standard: 0,
    means: "longer messages are sent in fragments; 0: never; else at least 32",
  },
  maxMessageOctets: {
    check: integer(MESSAGE_OCTETS.least, MESSAGE_OCTETS.most),
    unit: "octets",
    standard: 67_108_864,
    means: "the longest message that is read",
  },
  rtPriorityRange: {
    check: rangeWithin(0, 32_767),
    unit: "CORBA priority",
    standard: [0, 32_767],
    means: "priorities that lanes may have",
  },
  rtNativeRange: {
    check: rangeWithin(1, 99),
    unit: "native priority",
    standard: [1, 48],
    means: "what they are mapped to",
  },
  rtMapping: {
    check: oneOf(["linear", "direct", "continuous"]),
    standard: "linear",
    means: "how they are mapped",
  },
  maxHeldRequests: {
    check: integer(1, 1_000_000),
    unit: "requests",
    standard: 1_000,
    means: "kept by a POAManager that is HOLDING; more get TRANSIENT",
  },
  trace: {
    check: integer(0, 2),
    standard: 0,
    means: "1 prints GIOP messages as people read them, 2 their octets, too",
  },
  maxValues: {
    check: integer(1, MOST_VALUES),
    standard: 100_000,
    means: "values of value types in one message",
  },
  policies: {
    check: policies,
    otherwise: "none",
    means: "policies of all calls; see `[orb.policies]`",
  },
  initRef: {
    check: references,
    standard: {},
    means: "initial references: id = `IOR:`, `corbaloc:` or `corbaname:`",
  },
};
