import type { Any } from "../any/index.ts";
import type { GiopMinor } from "../cdr/index.ts";
import type { Ior, TaggedComponent, TaggedProfile } from "../ior/index.ts";
import type { Policy } from "../policy/index.ts";
import type { Endpoint } from "../transport/index.ts";
import type { ClientHook } from "./client-request.ts";
import type { ConnectionWatch } from "./connection-watch.ts";
import type { EndpointChoice } from "./endpoint-choice.ts";
import type { TypeCode } from "../typecode/index.ts";
import type { IorHook } from "./ior-shape.ts";
import type { ServerHook } from "./server-request.ts";

/** The initial reference `PICurrent` (PortableInterceptor::Current): values by slot that follow what runs. */
export interface SlotCurrent {
  /** An any of tk_null where nothing was set. @throws InvalidSlot */
  get_slot(id: number): Any;
  /** @throws InvalidSlot */
  set_slot(id: number, data: Any): void;
}

/** Which rules octets keep (IOP::Encoding). */
export interface CodecEncoding {
  readonly format: number;
  readonly major_version: number;
  readonly minor_version: number;
}

/** IOP::Codec. */
export interface ValueCodec {
  encode(data: Any): Uint8Array;
  decode(data: Uint8Array): Any;
  encode_value(data: Any): Uint8Array;
  decode_value(data: Uint8Array, tc: TypeCode): Any;
}

/** The initial reference `CodecFactory` (IOP::CodecFactory). */
export interface ValueCodecFactory {
  /** @throws UnknownEncoding */
  create_codec(enc: CodecEncoding): ValueCodec;
}

/** An ORB that is being made. */
export interface OrbInProgress {
  /** As given to `ORB_init`. */
  readonly arguments: readonly string[];
  /** The name given with `-ORBid`; empty by default. */
  readonly id: string;
  /** Tells this run of the ORB from every other. */
  readonly serverId: string;
  /** An `ObjectReference`, which is unknown on this floor. */
  reference(ior: Ior): unknown;
  /**
   * Where ORBs like this one have an object under one and the same key: a profile for each, in which the others are alternate
   * addresses. TAO goes from profile to profile, omniORB from address to address.
   * @param typeId may be empty: clients keep what they know
   */
  iorAt(typeId: string, places: readonly Endpoint[], objectKey: Uint8Array): Ior;
  /** Where a reference leads. @throws BAD_PARAM for what is no reference */
  iorOf(reference: unknown): Ior;
  /** As the ORB's; also for objects of this process. @throws InvalidName, BAD_PARAM 27 for nil */
  register(id: string, object: unknown): void;
  /** As the ORB's. @throws InvalidName */
  resolve(id: string): Promise<unknown>;
  warn(text: string, error: unknown): void;
  /** What a profile says beside its address; empty for profiles that are not understood. */
  componentsOf(profile: TaggedProfile): readonly TaggedComponent[];
  /** An encapsulation of an any, or of its value alone, by the rules of GIOP 1.`minor`. @throws BAD_PARAM, MARSHAL */
  encode(minor: GiopMinor, any: Any, withType: boolean): Uint8Array;
  /** The any, or one of the value alone where its type is given. @throws MARSHAL */
  decode(minor: GiopMinor, octets: Uint8Array, type?: TypeCode): Any;
}

/** What looks into an ORB from now on; what is absent costs nothing. */
export interface Hooks {
  readonly client?: ClientHook | undefined;
  readonly server?: ServerHook | undefined;
  readonly ior?: IorHook | undefined;
  readonly endpoints?: EndpointChoice | undefined;
  readonly connections?: ConnectionWatch | undefined;
  /** Whether there are policies of a type the ORB does not know. */
  hasPolicy?(type: number): boolean;
  /** Makes one; undefined for a type nobody knows. */
  policy?(type: number, value: unknown): Policy | undefined;
  /** The ORB is complete: its endpoints are open. What it throws ends the ORB. */
  complete?(): Promise<void>;
  /** The ORB was destroyed. */
  destroy?(): void;
}

/** Looks at an ORB in the making and leaves hooks in it; `portable` of `orbweaver/interceptors` makes one. */
export interface Initializers {
  /** Before there is a POA. What it throws ends the ORB. */
  begin(orb: OrbInProgress): Hooks;
}
