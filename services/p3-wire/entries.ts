import type { AttributeValue, CellRecord, PeerEntry, PeerRef, Service } from "../overlay/index.ts";
import type { Change, Message } from "../p3/index.ts";
import type { P3 } from "./p3.ts";

/** Messages of one kind. */
export type Of<K extends Message["kind"]> = Extract<Message, { kind: K }>;
export type Surroundings = Of<"welcome">["around"];

/** A value that may be absent, as IDL has it. */
export function maybe<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

type Attributes = Readonly<Record<string, AttributeValue>>;

export function packAttributes(attributes: Attributes | undefined): P3.AttributeList {
  return Object.entries(attributes ?? {}).map(([name, value]) => ({
    name,
    value:
      typeof value === "number"
        ? { $d: "VALUE_NUMBER", number: value }
        : { $d: "VALUE_TEXT", text: value },
  }));
}

export function unpackAttributes(list: P3.AttributeList): Attributes {
  return Object.fromEntries(
    list.map(({ name, value }) => [name, value.$d === "VALUE_NUMBER" ? value.number : value.text]),
  );
}

export function packService(service: Service): P3.Service {
  return { ...service, attributes: packAttributes(service.attributes) };
}

export function unpackService({ name, instance, reference, attributes }: P3.Service): Service {
  const service: Service = { name, instance, reference };
  return attributes.length === 0
    ? service
    : { ...service, attributes: unpackAttributes(attributes) };
}

export function packEntry({ ref, role, version, services, attributes }: PeerEntry): P3.PeerEntry {
  return {
    ref,
    role,
    version,
    services: services.map(packService),
    attributes: packAttributes(attributes),
  };
}

export function unpackEntry({ services, attributes, ...rest }: P3.PeerEntry): PeerEntry {
  return {
    ...rest,
    services: services.map(unpackService),
    attributes: unpackAttributes(attributes),
  };
}

function packRecord({ epoch, coordinator, members }: CellRecord): P3.CellRecord {
  return { epoch, coordinator, members: members.map(packEntry) };
}

export function packChanges(changes: readonly Change[]): P3.ChangeList {
  return changes.map(([key, record]) => ({
    key,
    record: record === undefined ? [] : [packRecord(record)],
  }));
}

export function unpackChanges(changes: P3.ChangeList): readonly Change[] {
  return changes.map(({ key, record: [record] }): Change => {
    if (record === undefined) return [key, undefined];
    return [key, { ...record, members: record.members.map(unpackEntry) }];
  });
}

export function packSurroundings({ parent, root, kin, mates }: Surroundings): P3.Surroundings {
  return { parent: maybe<PeerRef>(parent), root: maybe<PeerRef>(root), kin, mates };
}

export function unpackSurroundings({ parent, root, kin, mates }: P3.Surroundings): Surroundings {
  return { parent: parent[0], root: root[0], kin, mates };
}
