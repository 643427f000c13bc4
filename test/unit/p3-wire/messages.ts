import fc from "fast-check";
import type {
  CellRecord,
  Found,
  PeerEntry,
  PeerRef,
  Query,
  Service,
  Wanted,
} from "../../../services/overlay/index.ts";
import type { Change, Message } from "../../../services/p3/index.ts";

type Of<K extends Message["kind"]> = Extract<Message, { kind: K }>;
type Makers = { readonly [K in Message["kind"]]: fc.Arbitrary<Omit<Of<K>, "kind">> };

// A string of IDL holds no NUL, and half a surrogate pair is no character.
const text = fc.string({ unit: "grapheme", maxLength: 12 }).map((s) => s.replaceAll("\0", ""));
const number = fc.integer({ min: -1, max: 0x7fff_ffff });
const flag = fc.boolean();
const role = fc.constantFrom("superpeer" as const, "leaf" as const, "monitor" as const);
const joiner = fc.constantFrom("peer" as const, "cell" as const);
const anyCell = fc.string({
  unit: fc.integer({ min: 1, max: 15 }).map((digit) => digit.toString(16)),
  maxLength: 31,
});

export const anyPeerRef: fc.Arbitrary<PeerRef> = fc.record({ id: text, address: text });

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

/** A record some of whose members may be left out, and never undefined. */
function partly<T extends object, O extends object>(
  required: { [K in keyof T]: fc.Arbitrary<T[K]> },
  optional: { [K in keyof O]: fc.Arbitrary<O[K]> },
): fc.Arbitrary<T & Partial<O>> {
  const both = { ...required, ...optional };
  const keys = Object.keys(required) as (keyof T)[];
  return fc.record(both as never, { requiredKeys: keys as never[] }) as fc.Arbitrary<
    T & Partial<O>
  >;
}

/** Messages that speak of such peers and cells. */
function makersOf(ref: fc.Arbitrary<PeerRef>, cell: fc.Arbitrary<string>): Makers {
  const maybeRef = fc.option(ref, { nil: undefined });
  const refs = fc.array(ref, { maxLength: 4 });
  const name = text.filter((each) => each !== "__proto__");
  const attributes = fc.dictionary(name, fc.oneof(text, finite), {
    maxKeys: 3,
    noNullPrototype: true,
  });
  const someAttributes = attributes.filter((each) => Object.keys(each).length > 0);

  const service: fc.Arbitrary<Service> = partly(
    { name: text, instance: text, reference: text },
    { attributes: someAttributes },
  );
  const entry: fc.Arbitrary<PeerEntry> = fc.record({
    ref: ref,
    role,
    version: number,
    services: fc.array(service, { maxLength: 3 }),
    attributes,
  });
  const record: fc.Arbitrary<CellRecord> = fc.record({
    epoch: number,
    coordinator: ref.map(({ id }) => id),
    members: fc.array(entry, { maxLength: 3 }),
  });
  const change: fc.Arbitrary<Change> = fc.tuple(cell, fc.option(record, { nil: undefined }));
  const changes = fc.array(change, { maxLength: 3 });
  const kin = fc.record({ parents: refs, siblings: refs, roots: refs });
  const maybeKin = fc.option(kin, { nil: undefined });
  const around = fc.record({ parent: maybeRef, root: maybeRef, kin, mates: refs });
  const rank = fc.record({ isRoot: flag, voterCount: number, peerCount: number, id: text });

  const wanted: fc.Arbitrary<Wanted> = fc.oneof(
    text,
    finite,
    partly<object, { least: number; most: number }>({}, { least: finite, most: finite }),
  );
  const wantedOnes = fc
    .dictionary(name, wanted, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
    .filter((each) => Object.keys(each).length > 0);
  const query: fc.Arbitrary<Query> = fc.oneof(
    partly(
      { of: fc.constant("service" as const), name: text },
      { instance: text, attributes: wantedOnes },
    ),
    partly(
      { of: fc.constant("peer" as const), count: number },
      {
        level: number,
        role,
        attributes: wantedOnes,
        except: fc.array(text, { minLength: 1, maxLength: 3 }),
      },
    ),
  );
  const found: fc.Arbitrary<Found> = fc.record({
    peer: ref,
    service: fc.option(service, { nil: undefined }),
  });
  const reason = fc.constantFrom<Of<"refused">["reason"]>(
    "version",
    "duplicate id",
    "full",
    "busy",
    "not the coordinator",
    "taken",
    "no root",
    "cycle",
    "too deep",
    "forged parent",
    "not placed",
  );

  return {
    where: fc.record({ quest: number, version: number, joiner, role, height: number, rank }),
    root: fc.record({ quest: number, root: ref }),
    place: fc.record({ quest: number, cell, isNew: flag, binder: ref }),
    bind: fc.record({ quest: number, version: number, joiner, cell, isNew: flag, entry }),
    bound: fc.record({ quest: number, cell }),
    join: fc.record({
      quest: number,
      joiner,
      cell,
      isNew: flag,
      height: number,
      entry,
      path: refs,
    }),
    verdict: fc.record({
      quest: number,
      refused: text,
      joiner,
      cell,
      isNew: flag,
      entry,
      path: refs,
    }),
    welcome: fc.record({
      quest: number,
      cell,
      isNew: flag,
      epoch: number,
      version: number,
      records: changes,
      around,
    }),
    refused: fc.record({ quest: number, reason, afterMs: finite }),
    "member-beat": fc.record({ epoch: number, version: number, entryVersion: number }),
    "coordinator-beat": fc.record({
      cell,
      epoch: number,
      entryVersion: number,
      root: maybeRef,
      around: fc.option(around, { nil: undefined }),
    }),
    "child-beat": fc.record({ epoch: number, version: number }),
    "parent-beat": fc.record({ cell, version: number, root: maybeRef, kin: maybeKin }),
    feed: fc.record({ epoch: number, from: number, to: number, changes }),
    snapshot: fc.record({ epoch: number, version: number, records: changes }),
    entry: fc.record({ entry }),
    claim: fc.record({ cell, epoch: number, version: number, records: changes, around }),
    superseded: fc.record({ epoch: number, coordinator: ref }),
    stray: fc.record({}),
    rebind: fc.record({ epoch: number }),
    adopted: fc.record({ cell, root: maybeRef, kin }),
    coordinator: fc.record({ coordinator: ref }),
    dissolve: fc.record({ root: ref }),
    leave: fc.record({}),
    ask: fc.record({ id: number, query, hops: number, path: refs, isStraight: fc.boolean() }),
    answer: fc.record({
      id: number,
      hops: number,
      found: fc.array(found, { maxLength: 3 }),
      path: refs,
    }),
    forget: fc.record({ service: text, path: refs }),
  };
}

const ANY: Makers = makersOf(anyPeerRef, anyCell);

export const MESSAGE_KINDS = Object.keys(ANY) as readonly Message["kind"][];

/** Messages of a kind, with everything in them that may be. */
export function anyMessage(kind: Message["kind"]): fc.Arbitrary<Message> {
  return messageOf(ANY, kind);
}

/** Messages of all kinds that speak of those peers and those cells only. */
export function anyMessageOf(
  ref: fc.Arbitrary<PeerRef>,
  cell: fc.Arbitrary<string>,
): fc.Arbitrary<Message> {
  const makers = makersOf(ref, cell);
  return fc.oneof(...MESSAGE_KINDS.map((kind) => messageOf(makers, kind)));
}

function messageOf(makers: Makers, kind: Message["kind"]): fc.Arbitrary<Message> {
  return (makers[kind] as fc.Arbitrary<object>).map((rest) => ({ kind, ...rest }) as Message);
}
