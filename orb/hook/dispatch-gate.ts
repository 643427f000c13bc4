import type { Deadline } from "../base/index.ts";
import type { GiopMinor } from "../cdr/index.ts";
import type { ReplyStatus, ServiceContext } from "../giop/index.ts";
import type { Ior, PublishedGroup, TaggedProfile } from "../ior/index.ts";
import type { Policy } from "../policy/index.ts";
import type { ClientOrb } from "./client-habits.ts";

/** FT::FTRequestServiceContext: names a request anew for its repetitions (CORBA 3.3 Part 2, FT 23.2.9). */
export interface FtRequest {
  readonly clientId: string;
  readonly retentionId: number;
  /** TimeBase::TimeT, in units of 100 ns since 15 October 1582; after it the client asks no more. */
  readonly expirationTime: bigint;
  /** The client needs no answer to requests of lower retention ids, and repeats none; our clients tell it now and then. */
  readonly answered?: number | undefined;
}

/** Who sent it: enough to know the same request again. FT_REQUEST where the client sends it. */
export interface Caller {
  readonly connectionId: string;
  readonly requestId: number;
  /** Whose client it is, as far as its habits tell; absent where the arrival came by another way. */
  readonly client?: ClientOrb;
  readonly ftRequest?: FtRequest;
  /** Which version of the group's reference the client has (FT_GROUP_VERSION); absent: it knows of no groups. */
  readonly groupVersion?: number;
}

/** Version 1.`minor` of GIOP. */
export type GiopVersion = GiopMinor;

/**
 * How the argument octets are to be read; a body is always handed on as if it began at an 8-aligned offset.
 * In GIOP 1.0 and 1.1 arguments begin wherever the header ended, and no octets can be moved without knowing
 * the types: a body of theirs begins with a block of 8 octets of ours, whose first octet is the offset in the
 * body, 8 to 15, where the arguments begin. Bodies of outcomes are little-endian, with this version and these
 * code sets, and begin at an 8-aligned offset in every version.
 */
export interface Encoding {
  readonly version: GiopVersion;
  readonly littleEndian: boolean;
  readonly charSet: number;
  readonly wcharSet: number;
}

/** A request that found its POA; arguments are still CDR octets. All of its octets are its own, none a view of a message. */
export interface Arrival {
  /** POA names from the root. */
  readonly adapter: readonly string[];
  readonly objectId: Uint8Array;
  readonly operation: string;
  readonly caller: Caller;
  readonly encoding: Encoding;
  readonly contexts: readonly ServiceContext[];
  /** in and inout arguments. */
  readonly body: Uint8Array;
  /** CORBA priority, where one is known. */
  readonly priority: number | undefined;
  readonly replyExpected: boolean;
}

/** What becomes of it; `contexts` travel with the reply. */
export type Outcome =
  | {
      readonly kind: "reply";
      readonly status: ReplyStatus;
      readonly body: Uint8Array;
      readonly contexts: readonly ServiceContext[];
    }
  | {
      readonly kind: "forward";
      readonly to: Ior;
      readonly permanent: boolean;
      readonly contexts: readonly ServiceContext[];
    }
  | { readonly kind: "none" };

/**
 * Runs the upcall of the arrival given to it, in this thread, now. No promise where the servant gave none: a
 * synchronous servant's reply leaves without a turn of the event loop. Does not throw and does not reject: what
 * a servant throws is an outcome.
 */
export type Upcall = (arrival: Arrival, deadline: Deadline) => Outcome | Promise<Outcome>;

/** A POA as its gate sees it. */
export interface GatedAdapter {
  /** POA names from the root. */
  readonly path: readonly string[];
  /** The reference of an object, as clients are given it now. @throws OBJ_ADAPTER where the ORB listens nowhere */
  reference(objectId: Uint8Array): Ior;
  /** Of a reference that names this ORB alone, whatever the gate publishes: where all objects of the POA are reached. */
  profiles(): readonly TaggedProfile[];
}

/** Decides when, in which order and whether an arrival becomes an upcall. */
export interface DispatchGate {
  /** Called once, when the POA is created; `upcall` also serves arrivals that came by another way. */
  attach(upcall: Upcall, adapter: GatedAdapter): void;
  /** Called for each arrival over IIOP or collocated; must settle before `deadline`. */
  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome>;
  /**
   * Asked first, where it is there: lets a request through as if there were no gate, and no arrival is made of it.
   * @param objectId valid until it returns
   * @returns to be called when the request has ended; undefined: `admit` decides, and is called next
   */
  pass?(contexts: readonly ServiceContext[], objectId: Uint8Array): (() => void) | undefined;
  /** Where else the POA's objects live, for the references that are made from now on; undefined: nowhere. */
  published?(): PublishedGroup | undefined;
  /** A servant is there for an object, and is there no more. */
  activated?(objectId: Uint8Array, servant: object): void;
  deactivated?(objectId: Uint8Array): void;
  /** The POA is gone. */
  detach?(): void;
}

/** Every arrival becomes an upcall at once: the default. A POA knows it, and does not even make arrivals for it. */
export class DirectGate implements DispatchGate {
  #upcall: Upcall | undefined;

  attach(upcall: Upcall): void {
    this.#upcall = upcall;
  }

  /** @throws TypeError before it was attached */
  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    if (this.#upcall === undefined) throw new TypeError("the gate is attached to no POA");
    return this.#upcall(arrival, deadline);
  }
}

/** Type of the local policy that attaches a gate; never sent. */
export const GATE_POLICY_TYPE = 0x4f57_0001;

/** The policy for `create_POA` that attaches a gate to the new POA. */
export function gatePolicy(gate: DispatchGate): Policy {
  return { policy_type: GATE_POLICY_TYPE, value: gate };
}

export function isDispatchGate(value: unknown): value is DispatchGate {
  const gate = value as Partial<DispatchGate> | null;
  return (
    typeof gate === "object" &&
    gate !== null &&
    typeof gate.attach === "function" &&
    typeof gate.admit === "function"
  );
}
