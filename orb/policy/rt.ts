import { Any } from "../any/index.ts";
import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import { type TypeCode, tc, typeName } from "../typecode/index.ts";
import { POLICY_ERROR, PolicyError } from "./exceptions.ts";
import type { PolicyKind } from "./kind.ts";
import { CreatedPolicy, type Policy } from "./policy.ts";
import { type Protocol, readProtocols, wrongProtocol, writeProtocols } from "./rt-protocols.ts";

/** Numbers of the policies of RT-CORBA 1.2. */
export const RT_POLICY = {
  priorityModel: 40,
  threadpool: 41,
  serverProtocol: 42,
  clientProtocol: 43,
  privateConnection: 44,
  priorityBands: 45,
  /** Of this ORB: the POA is in the thread of a lane. Never sent. */
  lane: 0x4f57_0003,
} as const;

/** Who says at which priority an operation runs (RTCORBA::PriorityModel). */
export type PriorityModel = "CLIENT_PROPAGATED" | "SERVER_DECLARED";
const MODELS: readonly PriorityModel[] = ["CLIENT_PROPAGATED", "SERVER_DECLARED"];

/** RTCORBA::PriorityBand: both included. */
export interface PriorityBand {
  readonly low: number;
  readonly high: number;
}

/** The value of a PriorityModelPolicy. */
export interface PriorityModelValue {
  readonly priority_model: PriorityModel;
  readonly server_priority: number;
}

/** Policies of RT-CORBA for a POA, by name. */
export interface RtPoaOptions {
  /** What `create_threadpool` or `create_threadpool_with_lanes` gave; the ORB's own thread where absent. */
  readonly threadpool?: number;
  /** `priority`: of the objects, or of requests that bring none. */
  readonly priorityModel?: { readonly model: PriorityModel; readonly priority: number };
  /** Clients take one connection for each band. */
  readonly priorityBands?: readonly PriorityBand[];
  readonly serverProtocols?: readonly Protocol[];
  /** What clients are to take, the best first. */
  readonly clientProtocols?: readonly Protocol[];
  /** For the POAs within the thread of a lane: which one it is. */
  readonly lane?: LaneValue;
}

/** In the thread of a lane: what the POAs there know of it. */
export interface LaneValue {
  /** Requests run at it. */
  readonly priority: number;
  /** All lanes of its pool, in their order; empty where the pool was made without lanes. */
  readonly pool: readonly LanePlace[];
}

/** A lane, and where clients reach it. */
export interface LanePlace {
  readonly priority: number;
  readonly endpoint: { readonly host: string; readonly port: number };
}

const RTCORBA = "IDL:omg.org/RTCORBA";

const priorityModel: TypeCode = /* @__PURE__ */ tc.struct(
  `${RTCORBA}/PriorityModelPolicyValue:1.0`,
  "PriorityModelPolicyValue",
  () => [
    ["priority_model", tc.enum(`${RTCORBA}/PriorityModel:1.0`, "PriorityModel", [...MODELS])],
    ["server_priority", tc.short],
  ],
);
const priorityBands: TypeCode = /* @__PURE__ */ tc.sequence(() =>
  tc.struct(`${RTCORBA}/PriorityBand:1.0`, "PriorityBand", () => [
    ["low", tc.short],
    ["high", tc.short],
  ]),
);

const MIN_SHORT = -32_768;
const MAX_SHORT = 32_767;

function isShort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= MIN_SHORT && Number(value) <= MAX_SHORT;
}

function wrongValue(name: string, value: unknown, allowed: string): PolicyError {
  const text = `${name} cannot be ${JSON.stringify(value)}; allowed: ${allowed}`;
  return new PolicyError({ reason: POLICY_ERROR.BAD_POLICY_VALUE }, text);
}

/** @throws PolicyError for an any of another type */
function valueIn(name: string, given: unknown, type: TypeCode | undefined): unknown {
  if (!(given instanceof Any)) return given;
  if (type !== undefined && given.type.equivalent(type)) return given.value;
  const wanted = type === undefined ? "a value of its own" : typeName(type);
  const text = `a ${name} is made of ${wanted}, not ${typeName(given.type)}`;
  throw new PolicyError({ reason: POLICY_ERROR.BAD_POLICY_TYPE }, text);
}

/** One kind, with what is said of its values. */
function kind<T>(parts: {
  readonly type: number;
  readonly name: string;
  readonly isOfCalls?: boolean;
  readonly isOfPoas?: boolean;
  readonly isDefaultOfPoas?: boolean;
  readonly inIor?: boolean;
  readonly valueType?: TypeCode;
  readonly allowed: string;
  readonly isAllowed: (value: T) => boolean;
  readonly attributes: (value: T) => object;
  readonly wire?: PolicyKind["wire"];
  readonly common?: PolicyKind["common"];
}): PolicyKind {
  const { type, name, isOfCalls = false, isOfPoas = false, inIor = false, wire, common } = parts;
  const { isDefaultOfPoas = false } = parts;
  return {
    type,
    name,
    isOfCalls,
    isOfPoas,
    isDefaultOfPoas,
    inIor,
    create: (given): Policy => {
      const value = valueIn(name, given, parts.valueType) as T;
      if (!holds(() => parts.isAllowed(value))) throw wrongValue(name, value, parts.allowed);
      return Object.assign(new CreatedPolicy(type, value), parts.attributes(value));
    },
    ...(wire === undefined ? {} : { wire }),
    ...(common === undefined ? {} : { common }),
  };
}

/** A value of another shape is no value of a policy, either. */
function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/** One side may say something; both must not (RT-CORBA 1.2, 5.15). */
function eitherList(client: unknown, server: unknown): unknown {
  if ((client as readonly unknown[]).length === 0) return server;
  return (server as readonly unknown[]).length === 0 ? client : undefined;
}

function writeModel(out: CdrOutput, value: unknown): void {
  const { priority_model: model, server_priority: priority } = value as PriorityModelValue;
  out.ulong(MODELS.indexOf(model)).short(priority);
}

function readModel(input: CdrInput): unknown {
  const model = MODELS[input.ulong()];
  return { priority_model: model, server_priority: input.short() };
}

function writeBands(out: CdrOutput, value: unknown): void {
  const bands = value as readonly PriorityBand[];
  out.ulong(bands.length);
  for (const { low, high } of bands) out.short(low).short(high);
}

function readBands(input: CdrInput): unknown {
  return Array.from({ length: input.sequenceLength(4) }, () => {
    const low = input.short();
    return { low, high: input.short() };
  });
}

const PROTOCOLS =
  "a list of { protocol_type, orb_protocol_properties, transport_protocol_properties }";

/** What the ORB knows of the policies of RT-CORBA (1.2, 5.7 to 5.15). */
export const RT_KINDS: readonly PolicyKind[] = [
  // Priorities below 0 are refused where a POA is made of them.
  kind<PriorityModelValue>({
    type: RT_POLICY.priorityModel,
    name: "priorityModel",
    isOfPoas: true,
    isDefaultOfPoas: true,
    inIor: true,
    valueType: priorityModel,
    allowed: `{ priority_model, server_priority }: ${MODELS.join(" or ")}, and a priority`,
    isAllowed: (value) => MODELS.includes(value.priority_model) && isShort(value.server_priority),
    attributes: ({ priority_model, server_priority }) => ({ priority_model, server_priority }),
    wire: { write: writeModel, read: readModel },
  }),
  kind<number>({
    type: RT_POLICY.threadpool,
    name: "threadpool",
    isOfPoas: true,
    isDefaultOfPoas: true,
    valueType: tc.ulong,
    allowed: "the id of a thread pool",
    isAllowed: (value) => Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff,
    attributes: (threadpool) => ({ threadpool }),
  }),
  kind<readonly Protocol[]>({
    type: RT_POLICY.serverProtocol,
    name: "serverProtocols",
    isOfPoas: true,
    isDefaultOfPoas: true,
    allowed: PROTOCOLS,
    isAllowed: (value) => wrongProtocol(value) === undefined,
    attributes: (protocols) => ({ protocols }),
  }),
  kind<readonly Protocol[]>({
    type: RT_POLICY.clientProtocol,
    name: "clientProtocols",
    isOfCalls: true,
    isOfPoas: true,
    inIor: true,
    allowed: PROTOCOLS,
    isAllowed: (value) => wrongProtocol(value) === undefined,
    attributes: (protocols) => ({ protocols }),
    wire: {
      write: (out, value) => writeProtocols(out, value as readonly Protocol[]),
      read: readProtocols,
    },
    common: eitherList,
  }),
  kind<unknown>({
    type: RT_POLICY.privateConnection,
    name: "privateConnection",
    isOfCalls: true,
    allowed: "null",
    isAllowed: (value) => value === null || value === undefined,
    attributes: () => ({}),
  }),
  kind<readonly PriorityBand[]>({
    type: RT_POLICY.priorityBands,
    name: "priorityBands",
    isOfCalls: true,
    isOfPoas: true,
    inIor: true,
    valueType: priorityBands,
    allowed: "a list of { low, high }, each 0 to 32767, low up to high",
    isAllowed: (value) =>
      value.every(({ low, high }) => isShort(low) && isShort(high) && low >= 0 && low <= high),
    attributes: (priority_bands) => ({ priority_bands }),
    wire: { write: writeBands, read: readBands },
    common: eitherList,
  }),
  kind<LaneValue>({
    type: RT_POLICY.lane,
    name: "lane",
    isOfPoas: true,
    allowed: "{ priority, pool }: a priority, 0 to 32767, and the lanes of the pool",
    isAllowed: ({ priority, pool }) =>
      [{ priority }, ...pool].every((each) => isShort(each.priority) && each.priority >= 0),
    attributes: () => ({}),
  }),
];

/** The options that are policies of RT-CORBA as such, and the others. @throws PolicyError */
export function rtPoliciesOf<T extends RtPoaOptions>(
  options: T,
): { readonly policies: readonly Policy[]; readonly rest: Omit<T, keyof RtPoaOptions> } {
  const {
    threadpool,
    priorityModel: model,
    priorityBands: bands,
    serverProtocols,
    clientProtocols,
    lane,
    ...rest
  } = options;
  const given: readonly (readonly [type: number, value: unknown])[] = [
    [
      RT_POLICY.priorityModel,
      model === undefined
        ? undefined
        : { priority_model: model.model, server_priority: model.priority },
    ],
    [RT_POLICY.threadpool, threadpool],
    [RT_POLICY.serverProtocol, serverProtocols],
    [RT_POLICY.clientProtocol, clientProtocols],
    [RT_POLICY.priorityBands, bands],
    [RT_POLICY.lane, lane],
  ];
  const policies = given.flatMap(([type, value]) => {
    if (value === undefined) return [];
    const of = RT_KINDS.find((each) => each.type === type);
    return of === undefined ? [] : [of.create(value)];
  });
  return { policies, rest };
}
