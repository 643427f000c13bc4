import { Any, type ORB, tc } from "../../../orb/index.ts";
import * as Values from "../gen/Values.ts";
import { checkedSize } from "./sizes.ts";

class SquareValue extends Values.Square {
  override area(): number {
    return this.side ** 2;
  }
}

class FrameValue extends Values.Frame {
  override area(): number {
    return this.side ** 2 - (this.hole?.area() ?? 0);
  }
}

class SignValue extends Values.Sign {
  override title(): string {
    return this.text;
  }
}

/** Makes known all types of Values.idl but City and Secret. */
export function registerValues(orb: ORB): void {
  for (const type of [Values.Node, Values.Vertex, Values.Shelf, Values.Place])
    orb.registerValue(type.descriptor);
  for (const type of [Values.Town, Values.Island]) orb.registerValue(type.descriptor);
  orb.register_value_factory(Values.Square.repositoryId, () => new SquareValue());
  orb.register_value_factory(Values.Frame.repositoryId, () => new FrameValue());
  orb.register_value_factory(Values.Sign.repositoryId, () => new SignValue());
  for (const box of [Values._tc_Text, Values._tc_Longs]) orb.registerValue(box);
}

/** By the names in Values.idl. */
export function makeNode(shape: string, size: number): Values.Node | null {
  const leaf = (weight: number): Values.Node => new Values.Node({ weight });
  if (shape === "one") return leaf(3);
  if (shape === "tree") return new Values.Node({ weight: 1, left: leaf(2), right: leaf(3) });
  if (shape === "shared") {
    const both = leaf(2);
    return new Values.Node({ weight: 1, left: both, right: both });
  }
  if (shape !== "ring" && shape !== "chain") return null;
  const nodes = Array.from({ length: checkedSize(size) }, (_, i) => leaf(i));
  nodes.forEach((node, i) => {
    node.right = nodes[i + 1] ?? (shape === "ring" ? (nodes[0] ?? null) : null);
  });
  return nodes[0] ?? null;
}

export function makeGraph(size: number): Values.Vertex | null {
  const all = Array.from(
    { length: checkedSize(size) },
    (_, number) => new Values.Vertex({ number }),
  );
  all.forEach((vertex, i) => {
    const to = [(i + 1) % size, (i * 7 + 3) % size, (i * i) % size];
    vertex.edges = to.map((k) => all[k] ?? null);
  });
  return all[0] ?? null;
}

const newPlace = (): Values.Place => new Values.Place({ x: 1, name: "place" });
const newTown = (twin: Values.Place | null): Values.Town =>
  new Values.Town({ x: 2, name: "town", twin, size: 2.5 });

function newCity(): Values.City {
  const suburb = newTown(null);
  const plan = makeNode("tree", 0);
  return new Values.City({
    x: 4,
    name: "city",
    twin: newPlace(),
    size: 4.5,
    lines: 6,
    plan,
    suburb,
  });
}

function newSecret(): Values.Secret {
  const plan = makeNode("shared", 0);
  return new Values.Secret({
    x: 5,
    name: "secret",
    twin: newPlace(),
    size: 5.5,
    lines: 7,
    plan,
    suburb: newTown(null),
    text: "hidden",
    more: plan,
    last: newCity(),
  });
}

export function makePlace(kind: string): Values.Place | null {
  switch (kind) {
    case "place":
      return newPlace();
    case "town":
      return newTown(newPlace());
    case "twins": {
      const town = new Values.Town({ x: 3, name: "twins", size: 3.5 });
      town.twin = town;
      return town;
    }
    case "city":
      return newCity();
    case "secret":
      return newSecret();
    case "island":
      return new Values.Island({ x: 7, name: "island", shore: 1.5 });
    default:
      return null;
  }
}

export function makeLongs(length: number): Values.Longs {
  return Array.from({ length: checkedSize(length) }, (_, i) => 3 * i);
}

export function makeShelf(): Values.Shelf {
  const longs = makeLongs(2);
  return new Values.Shelf({ a: "boxed", b: longs, c: longs, d: { first: 9, second: 0.25 } });
}

export function makeSquare(side: number): Values.Square {
  return new SquareValue({ side });
}

export function makeFrame(side: number, hole: number): Values.Frame {
  return new FrameValue({ side, hole: makeSquare(hole) });
}

export function makeSign(text: string): Values.Sign {
  return new SignValue({ text });
}

export function makeValueAny(kind: string): Any {
  switch (kind) {
    case "node":
      return new Any(Values._tc_Node, makeNode("tree", 0));
    case "ring":
      return new Any(Values._tc_Node, makeNode("ring", 3));
    case "null":
      return new Any(Values._tc_Node, null);
    case "town":
      return new Any(Values._tc_Town, makePlace("town"));
    case "text":
      return new Any(Values._tc_Text, "boxed");
    default:
      return new Any(tc.null, undefined);
  }
}

/** What a graph comes to, each of its values counted once. */
export interface Measure {
  readonly count: number;
  readonly links: number;
  readonly sum: bigint;
}

function measure<V>(
  first: V | null,
  weigh: (v: V) => number,
  next: (v: V) => readonly (V | null)[],
): Measure {
  const seen = new Set<V>();
  if (first !== null) seen.add(first);
  let links = 0;
  let sum = 0n;
  // A Set is walked over what is added on the way, too.
  for (const v of seen) {
    sum += BigInt(weigh(v));
    for (const other of next(v)) {
      if (other === null) continue;
      links++;
      seen.add(other);
    }
  }
  return { count: seen.size, links, sum };
}

export function measureNode(v: Values.Node | null): Measure {
  return measure(
    v,
    (node) => node.weight,
    (node) => [node.left, node.right],
  );
}

export function measureVertex(v: Values.Vertex | null): Measure {
  return measure(
    v,
    (vertex) => vertex.number,
    (vertex) => vertex.edges,
  );
}

/** The first vertex whose edges do not lead where `makeGraph` lets them. */
export function misplaced(first: Values.Vertex | null, size: number): number | undefined {
  const seen = new Set([first]);
  for (const v of seen) {
    if (v === null) continue;
    const i = v.number;
    const to = [(i + 1) % size, (i * 7 + 3) % size, (i * i) % size];
    if (to.some((number, k) => v.edges[k]?.number !== number)) return i;
    for (const other of v.edges) seen.add(other);
  }
  return undefined;
}

export function describePlace(v: Values.Place | null): string {
  if (v === null) return "null";
  const inside = `${v.x},${v.name}`;
  if (!(v instanceof Values.Town))
    return `${v instanceof Values.Island ? "Island" : "Place"}(${inside})`;
  const twin = v.twin === v ? "self" : describePlace(v.twin);
  const known = v instanceof Values.City ? "City" : "Town";
  return `${v instanceof Values.Secret ? "Secret" : known}(${inside},twin=${twin})`;
}

export function describeAny(v: Any): string {
  const id = v.type.id();
  const { value } = v;
  if (value === null) return `${id} null`;
  if (value instanceof Values.Node) {
    const { count, links, sum } = measureNode(value);
    return `${id} ${count} nodes, ${links} links, weight ${sum}`;
  }
  if (value instanceof Values.Place) return `${id} ${describePlace(value)}`;
  return `${id} ${typeof value === "string" ? value : "unknown"}`;
}
