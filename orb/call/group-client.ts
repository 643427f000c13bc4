import type { Clock } from "../base/index.ts";
import { encapsulate } from "../cdr/index.ts";
import { SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import type { GroupClient, GroupRequest } from "./call-environment.ts";

/** Of a TimeBase::TimeT. */
const TIME_OCTETS = 8;
/** Groups that are remembered although no request to them is open. */
const MOST_GROUPS = 1_000;
/** Milliseconds within which a oneway request that left is taken, even behind one that left later by another connection. */
const ONEWAY_MS = 2_000;

/** Requests to one group that are open, by their retention ids: from the oldest on. */
class OpenRequests {
  readonly #ids: number[] = [];
  /** Oneway ones that left, from the first on, with when they are taken for ended. */
  readonly #left: { readonly id: number; readonly atMs: number }[] = [];

  add(id: number): void {
    this.#ids.push(id);
  }

  ended(id: number): void {
    const ids = this.#ids;
    if (ids[0] === id) return void ids.shift();
    const at = ids.lastIndexOf(id);
    if (at < 0) return;
    ids.copyWithin(at, at + 1);
    ids.pop();
  }

  /** Nobody says when it arrives. */
  left(id: number, nowMs: number): void {
    this.#left.push({ id, atMs: nowMs + ONEWAY_MS });
  }

  /** Of the oldest one. */
  oldest(nowMs: number): number | undefined {
    const left = this.#left;
    for (let one = left[0]; one !== undefined && one.atMs <= nowMs; one = left[0]) {
      left.shift();
      this.ended(one.id);
    }
    return this.#ids[0];
  }
}

/** Some of the requests tell which ones are answered. */
class NumberedRequest implements GroupRequest {
  readonly context: ServiceContext;
  readonly #id: number;
  readonly #open: OpenRequests;
  readonly #clock: Clock;

  constructor(context: ServiceContext, id: number, open: OpenRequests, clock: Clock) {
    this.context = context;
    this.#id = id;
    this.#open = open;
    this.#clock = clock;
    open.add(id);
  }

  /**
   * One of sixteen tells, whatever the pattern of a client's requests: multiples of the golden ratio are spread evenly, also
   * those of each second or third number. Of requests that change nothing the group does not hear it.
   */
  answered(): ServiceContext | undefined {
    if (Math.imul(this.#id, 0x9e37_79b1) >>> 28 !== 0) return undefined;
    const oldest = this.#open.oldest(this.#clock.nowMs()) ?? this.#id;
    return { id: SERVICE_ID.ftAnswered, data: encapsulate((out) => out.long(oldest)) };
  }

  ended(isHeard: boolean): void {
    if (isHeard) this.#open.ended(this.#id);
    else this.#open.left(this.#id, this.#clock.nowMs());
  }
}

/** The contexts of requests to groups differ in a few octets: they are made once, and those written anew. */
class GroupContexts implements GroupClient {
  readonly #clock: Clock;
  readonly #request: Buffer;
  /** Where the retention id is, and the time at which the request expires: the last 8 octets. */
  readonly #retentionAt: number;
  readonly #timeAt: number;
  /** By the ids of groups: what two domains call alike is one here, and what is open in the one is so in the other. */
  readonly #open: Map<bigint | undefined, OpenRequests> = new Map();
  #version: ServiceContext = versionContext(0);
  #versionNumber = 0;
  #retentionId = 0;

  /** @param clientId unlike that of every other client */
  constructor(clientId: string, clock: Clock) {
    this.#clock = clock;
    let retentionAt = 0;
    const data = encapsulate(
      (out) => {
        out.string(clientId).align(4);
        retentionAt = out.position;
        out.long(0).ulonglong(0n);
      },
      { littleEndian: true },
    );
    this.#request = Buffer.from(data);
    this.#retentionAt = retentionAt;
    this.#timeAt = data.length - TIME_OCTETS;
  }

  newRequest(group: bigint | undefined, expiresAt: bigint): GroupRequest {
    const data = Buffer.from(this.#request);
    this.#retentionId = (this.#retentionId + 1) | 0;
    data.writeInt32LE(this.#retentionId, this.#retentionAt);
    data.writeBigUInt64LE(expiresAt, this.#timeAt);
    const open = this.#open.get(group) ?? this.#begin(group);
    const context = { id: SERVICE_ID.ftRequest, data };
    return new NumberedRequest(context, this.#retentionId, open, this.#clock);
  }

  ofVersion(version: number): ServiceContext {
    if (version !== this.#versionNumber) {
      this.#version = versionContext(version);
      this.#versionNumber = version;
    }
    return this.#version;
  }

  #begin(group: bigint | undefined): OpenRequests {
    if (this.#open.size >= MOST_GROUPS) this.#forget();
    const open = new OpenRequests();
    this.#open.set(group, open);
    return open;
  }

  /** Where nothing is open, nothing is to be remembered. */
  #forget(): void {
    const nowMs = this.#clock.nowMs();
    for (const [group, open] of this.#open)
      if (open.oldest(nowMs) === undefined) this.#open.delete(group);
  }
}

function versionContext(version: number): ServiceContext {
  return { id: SERVICE_ID.ftGroupVersion, data: encapsulate((out) => out.ulong(version)) };
}

/** @param run octets that tell this run of the ORB from every other */
export function newGroupClient(run: Uint8Array, clock: Clock): GroupClient {
  return new GroupContexts(`orbweaver-${Buffer.from(run).toString("hex")}`, clock);
}
