import type { Any, ORB, ValueBase } from "../../../orb/index.ts";
import * as Values from "../gen/Values.ts";
import {
  describeAny,
  describePlace,
  makeGraph,
  makeNode,
  makePlace,
  makeSign,
  makeValueAny,
  measureNode,
  measureVertex,
} from "./sample-values.ts";

class Shop extends Values.ShopSkeleton {
  #sells = "maps";
  override title(): string {
    return `shop of ${this.#sells}`;
  }
  override _get_sells(): string {
    return this.#sells;
  }
  override _set_sells(v: string): void {
    this.#sells = v;
  }
}

export class Service extends Values.ServiceSkeleton {
  readonly #shop: Shop = new Shop();

  constructor(orb: ORB) {
    super();
    orb.rootPOA.activate_object(this.#shop);
  }

  override echo_node(v: Values.Node | null): Values.Node | null {
    return v;
  }
  override make_node(shape: string, size: number): Values.Node | null {
    return makeNode(shape, size);
  }
  override measure(v: Values.Node | null): { result: number; links: number; weight: bigint } {
    const { count, links, sum } = measureNode(v);
    return { result: count, links, weight: sum };
  }
  override echo_vertex(v: Values.Vertex | null): Values.Vertex | null {
    return v;
  }
  override make_graph(size: number): Values.Vertex | null {
    return makeGraph(size);
  }
  override measure_graph(v: Values.Vertex | null): { result: number; links: number; sum: bigint } {
    const { count, links, sum } = measureVertex(v);
    return { result: count, links, sum };
  }

  override echo_text(v: Values.Text | null): Values.Text | null {
    return v;
  }
  override echo_wide(v: Values.Wide | null): Values.Wide | null {
    return v;
  }
  override echo_longs(v: Values.Longs | null): Values.Longs | null {
    return v;
  }
  override echo_two(v: Values.Two | null): Values.Two | null {
    return v;
  }
  override echo_shelf(v: Values.Shelf | null): Values.Shelf | null {
    return v;
  }
  override same_longs(
    a: Values.Longs | null,
    b: Values.Longs | null,
  ): { result: boolean; a: Values.Longs | null; b: Values.Longs | null } {
    return { result: a === b, a, b };
  }

  override echo_place(v: Values.Place | null): Values.Place | null {
    return v;
  }
  override make_place(kind: string): Values.Place | null {
    return makePlace(kind);
  }
  override describe_place(v: Values.Place | null): string {
    return describePlace(v);
  }
  override same_place(
    a: Values.Place | null,
    b: Values.Place | null,
  ): { result: boolean; a: Values.Place | null; b: Values.Place | null } {
    return { result: a === b, a, b };
  }

  override echo_shape(v: Values.Shape | null): Values.Shape | null {
    return v;
  }
  override area_of(v: Values.Shape | null): number {
    return v?.area() ?? 0;
  }
  override echo_named(v: Values.Named | null): Values.Named | null {
    return v;
  }
  override make_named(kind: string): Values.Named | null {
    if (kind === "shop") return this.#shop._this();
    return kind === "sign" ? makeSign("way out") : null;
  }
  override async title_of(v: Values.Named | null): Promise<string> {
    return (await v?.title()) ?? "";
  }

  override echo_route(v: Values.Route): Values.Route {
    return v;
  }
  override echo_where(v: Values.Where): Values.Where {
    return v;
  }
  override get_lost(near: Values.Place | null): void {
    throw new Values.Lost({ near, why: "no map" });
  }

  override echo_value(v: ValueBase | null): ValueBase | null {
    return v;
  }
  override echo_any(v: Any): Any {
    return v;
  }
  override make_any(kind: string): Any {
    return makeValueAny(kind);
  }
  override describe_any(v: Any): string {
    return describeAny(v);
  }
}
