import test from "ava";
import { seededRandom } from "../../../orb/base/index.ts";
import { MARSHAL, SystemException } from "../../../orb/index.ts";
import type { NamesMessage } from "../../../services/names/index.ts";
import { decodeNamesMessage, encodeNamesMessage } from "../../../services/names-node/index.ts";
import { NamesSimulation } from "../../support/names/index.ts";

/** Everything that peers say to each other in a run with all kinds of messages. */
function conversation(): readonly NamesMessage[] {
  const said: NamesMessage[] = [];
  const simulation = new NamesSimulation({
    seed: 3,
    peers: 6,
    voters: 3,
    carry: (message) => {
      said.push(message);
      return decodeNamesMessage(encodeNamesMessage(message));
    },
  });
  simulation.run(3_000);
  const component = { id: "Trindade – ü", kind: "станция" };
  const bind = { kind: "bind", component, target: { type: "object", ior: "IOR:00" } } as const;
  const sub = {
    kind: "rebind",
    component: { id: "sub", kind: "" },
    target: { type: "context", contextId: "c" },
  } as const;
  for (const change of [{ kind: "create" }, bind, bind, sub] as const)
    simulation.change(simulation.peer(4), "root", change);
  simulation.resolve(simulation.peer(5), "root", "nothing");
  simulation.change(simulation.peer(5), "c", { kind: "create" });
  simulation.change(simulation.peer(5), "root", { kind: "unbind", component });
  simulation.change(simulation.peer(5), "c", { kind: "destroy" });
  // So many at once that some have to wait.
  for (let i = 0; i < 1_500; i++)
    simulation.wish(
      simulation.peer(5),
      {
        kind: "change",
        contextId: "root",
        change: { ...bind, component: { id: "many", kind: `${i}` } },
      },
      () => undefined,
      3_000,
    );
  simulation.run(3_000);
  // Two proposers, and a copy that has to be compared part by part.
  simulation.network.settings = { ...simulation.network.settings, lossChance: 0.4 };
  for (let i = 0; i < 40; i++)
    simulation.ask(
      simulation.peer(i % 6),
      {
        kind: "change",
        contextId: "root",
        change: { ...bind, component: { id: `n${i}`, kind: "" } },
      },
      8_000,
    );
  simulation.network.settings = { ...simulation.network.settings, lossChance: 0 };
  simulation.kill(simulation.peer(0));
  simulation.restart(simulation.peer(0), true);
  simulation.run(10_000);
  return said;
}

const said = conversation();
const KINDS: readonly NamesMessage["kind"][] = [
  "ask",
  "told",
  "waiting",
  "config",
  "prepare",
  "promised",
  "accept",
  "accepted",
  "outbid",
  "behind",
  "peek",
  "peeked",
  "who",
  "present",
  "seal",
  "sealed",
  "fetch",
  "fetched",
  "news",
  "digest",
  "parts",
  "inventory",
  "want",
];

for (const kind of KINDS)
  test(`${kind} is read as it was written`, (t) => {
    const messages = said.filter((message) => message.kind === kind);
    t.true(messages.length > 0);
    for (const message of messages)
      t.deepEqual(decodeNamesMessage(encodeNamesMessage(message)), message);
  });

test("octets that are no message are refused, whatever they are", (t) => {
  const random = seededRandom(1);
  let refused = 0;
  for (const message of said.slice(0, 400)) {
    const octets = encodeNamesMessage(message);
    for (const cut of [0, 1, Math.floor(octets.length / 2), octets.length - 1])
      t.throws(() => decodeNamesMessage(octets.subarray(0, cut)), { instanceOf: MARSHAL });
    const at = Math.floor(random.number() * octets.length);
    octets[at] = (octets[at] ?? 0) ^ (1 << Math.floor(8 * random.number()));
    try {
      decodeNamesMessage(octets);
    } catch (error) {
      refused++;
      t.true(error instanceof SystemException, String(error));
    }
  }
  t.true(refused > 20);
  t.throws(() => decodeNamesMessage(Uint8Array.of(2, 1, 0, 0)), {
    message: /version 2; understood: 1/,
  });
});
