import test from "ava";
import type { AttributeValue, KnownCell, PeerEntry } from "../../../services/overlay/index.ts";
import { sitesIn } from "../../../services/peer-groups/index.ts";

function entry(name: string, attributes: Readonly<Record<string, AttributeValue>>): PeerEntry {
  return {
    ref: { id: name, address: `${name}:1,2,3` },
    role: "superpeer",
    version: 1,
    services: [],
    attributes: { peer: name, orb: `${name}:2809`, groups: `${name}:7500`, ...attributes },
  };
}

function namesIn(members: readonly PeerEntry[], taken: readonly string[]): readonly string[] {
  const tree: readonly KnownCell[] = [{ cell: "1", coordinator: "a", members }];
  return sitesIn(tree, new Set(taken.map((name) => `${name}:7500`))).map(({ name }) => name);
}

test("a site has a host of groups and an ORB, and no replica yet", (t) => {
  const { attributes, ...rest } = entry("x", {});
  const { groups: _, ...without } = attributes;
  const plain = { ...rest, attributes: without };
  t.deepEqual(namesIn([entry("a", {}), entry("b", {}), plain], ["a"]), ["b"]);
});

test("zones without a replica come first, then the least loaded", (t) => {
  const members = [
    entry("a", { zone: "north" }),
    entry("b", { zone: "north", load: 0.1 }),
    entry("c", { zone: "south", load: 0.9 }),
    entry("d", { zone: "west", load: 0.5 }),
    entry("e", { zone: "north", load: 0 }),
  ];
  t.deepEqual(namesIn(members, ["a"]), ["d", "c", "e", "b"]);
});

test("of equal load the one with the fewest services", (t) => {
  const service = { name: "x", instance: "1", reference: "IOR:" };
  const busy = { ...entry("b", {}), services: [service, service] };
  t.deepEqual(namesIn([busy, entry("c", {})], []), ["c", "b"]);
});
