import test from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import type { Answer, Discovery, Found, Query, Service } from "../../../services/overlay/index.ts";
import {
  bestSites,
  findSites,
  type SiteCard,
  SiteNotice,
} from "../../../services/peer-groups/index.ts";

function site(name: string, told: Partial<SiteCard> = {}): SiteCard {
  const at = { orb: `${name}:2809`, groups: `${name}:7500` };
  return { name, ...at, zone: undefined, load: 0, ...told };
}

function namesIn(sites: readonly SiteCard[], taken: readonly string[]): readonly string[] {
  return bestSites(sites, new Set(taken.map((name) => `${name}:7500`))).map(({ name }) => name);
}

test("a site has no replica yet", (t) => {
  t.deepEqual(namesIn([site("a"), site("b"), site("c")], ["a"]), ["b", "c"]);
});

test("zones without a replica come first, then the least loaded, then as they were found", (t) => {
  const sites = [
    site("a", { zone: "north" }),
    site("b", { zone: "north", load: 0.1 }),
    site("c", { zone: "south", load: 0.9 }),
    site("d", { zone: "west", load: 0.5 }),
    site("e", { zone: "north", load: 0 }),
    site("f", { zone: "north", load: 0 }),
  ];
  t.deepEqual(namesIn(sites, ["a"]), ["d", "c", "e", "f", "b"]);
});

/** What is published is found, of services and of peers. */
class ToldDiscovery implements Discovery {
  readonly services: Map<string, Service> = new Map();
  readonly asked: Query[] = [];

  publish(service: Service): void {
    this.services.set(service.instance, service);
  }

  withdraw(_: string, instance: string): void {
    this.services.delete(instance);
  }

  describe(): void {
    throw new TypeError("not asked for");
  }

  discredit(): void {
    throw new TypeError("not asked for");
  }

  ask(query: Query, done: (answer: Answer) => void): void {
    this.asked.push(query);
    const ids = query.of === "peer" ? ["x", "y", "z"] : [query.instance ?? ""];
    const found = ids.flatMap((id): readonly Found[] => {
      const service = this.services.get(id);
      const peer = { id, address: `${id}:1,2,3` };
      if (query.of === "peer") return [{ peer, service: undefined }];
      return service === undefined ? [] : [{ peer, service }];
    });
    done(found.length > 0 ? { kind: "found", found, hops: 2 } : { kind: "none", hops: 2 });
  }
}

test("peers that tell of themselves are found, wherever they are; others are no sites", async (t) => {
  const discovery = new ToldDiscovery();
  const clock = new TestClock();
  const [one, other] = [site("one", { zone: "east" }), site("other")];
  const notices = [
    new SiteNotice({ discovery, instance: "x", card: one, load: 0.25, clock }),
    new SiteNotice({ discovery, instance: "z", card: other, load: undefined, clock }),
  ];
  const found = await findSites(discovery);
  t.deepEqual(found[0], { ...one, load: 0.25 });
  t.deepEqual(
    found.map(({ name }) => name),
    ["one", "other"],
  );
  for (const notice of notices) notice[Symbol.dispose]();
  t.deepEqual(await findSites(discovery), []);
});
