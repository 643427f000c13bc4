// What a voter promised outlasts its process: one that forgot it would vote for an earlier ballot, and a name could
// have two winners.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { systemClock, systemRandom } from "../../../orb/base/index.ts";
import {
  type Ballot,
  deltaSince,
  isConfig,
  NamesNode,
  type NamesMessage,
  type NamesSettings,
  type ValueDelta,
} from "../../../services/names/index.ts";
import { LmdbVoterStore } from "../../../services/names-node/index.ts";
import { NamesSimulation } from "../../support/names/index.ts";

const ROOT = "root";
const PROPOSER = { id: "late", address: "late" };

/** Far beyond any that was used, and one below. */
function ballots(epoch: number): { readonly high: Ballot; readonly low: Ballot } {
  const high = { epoch, round: 1_000, proposer: PROPOSER.id };
  return { high, low: { ...high, round: 999 } };
}

function prepare(ballot: Ballot): NamesMessage {
  return { kind: "prepare", register: ROOT, ballot, have: undefined };
}

function accept(ballot: Ballot, value: ValueDelta): NamesMessage {
  return { kind: "accept", register: ROOT, ballot, base: undefined, value };
}

test("a voter that is killed after a promise keeps it when it starts again from its disk", (t) => {
  const said: NamesMessage[] = [];
  const simulation = new NamesSimulation({
    seed: 3,
    peers: 3,
    voters: 3,
    carry: (message) => {
      said.push(message);
      return message;
    },
  });
  simulation.run(3_000);
  simulation.change(simulation.peer(2), ROOT, { kind: "create" });
  simulation.run(1_000);
  const voter = simulation.peer(1);
  const { ref: from } = simulation.peer(2);
  const before = voter.disk.stored?.registers.get(ROOT)?.vote;
  const epoch = voter.disk.stored?.head.active?.epoch;
  if (before === undefined || epoch === undefined || isConfig(before.value)) return t.fail();
  const { high, low } = ballots(epoch);
  const whole: ValueDelta = { is: "context", delta: deltaSince(undefined, before.value) };

  simulation.step(voter, { kind: "message", from, message: prepare(high) });
  simulation.run(50);
  t.true(said.some(({ kind }) => kind === "promised"));
  simulation.kill(voter);
  simulation.restart(voter);
  said.length = 0;
  simulation.step(voter, { kind: "message", from, message: accept(low, whole) });
  simulation.run(50);
  const answers = said.filter(({ kind }) => kind === "outbid" || kind === "accepted");
  t.deepEqual(answers, [{ kind: "outbid", register: ROOT, ballot: low, round: high.round }]);
  t.deepEqual(voter.disk.stored?.registers.get(ROOT), { promised: high, vote: before });
});

/** One voter alone, with its store on disk. */
class Voter {
  readonly #said: NamesMessage[] = [];
  readonly #heard: Set<() => void> = new Set();

  async open(path: string, settings: Partial<NamesSettings>): Promise<NamesNode> {
    const [self] = settings.voters ?? [];
    if (self === undefined) throw new RangeError("no voters");
    return await NamesNode.open({
      self,
      settings,
      clock: systemClock,
      random: systemRandom,
      store: LmdbVoterStore.open(path),
      send: (_to, message) => {
        this.#said.push(message);
        for (const wake of this.#heard) wake();
      },
    });
  }

  /** The next message of one of these kinds; the test's own time limit ends the waiting. */
  async says(...kinds: readonly NamesMessage["kind"][]): Promise<NamesMessage> {
    for (;;) {
      const at = this.#said.findIndex(({ kind }) => kinds.includes(kind));
      const found = this.#said.splice(0, at + 1).at(-1);
      if (at >= 0 && found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#heard.delete(wake);
          resolve();
        };
        this.#heard.add(wake);
      });
    }
  }
}

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), "names-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("a promise is in the LMDB store before it is given, and holds when the store is opened again", async (t) => {
  const path = folder(t);
  const self = { id: "a", address: "a" };
  const settings = { voters: [self], gatherMs: 200 };
  const voter = new Voter();
  const first = await voter.open(path, settings);
  t.teardown(() => first.close());
  const created = await first.wish(
    { kind: "change", contextId: ROOT, change: { kind: "create" } },
    30_000,
  );
  t.is(created.kind, "done", JSON.stringify(created));
  first.receive(PROPOSER, { kind: "who" });
  const present = await voter.says("present");
  if (present.kind !== "present") return t.fail();
  const { high, low } = ballots(present.epoch);
  first.receive(PROPOSER, prepare(high));
  const promised = await voter.says("promised", "outbid");
  if (promised.kind !== "promised" || promised.value === undefined) return t.fail();

  // As after SIGKILL: the first is not closed, and writes no more.
  const second = await voter.open(path, settings);
  t.teardown(() => second.close());
  second.receive(PROPOSER, accept(low, promised.value));
  t.deepEqual(await voter.says("outbid", "accepted"), {
    kind: "outbid",
    register: ROOT,
    ballot: low,
    round: high.round,
  });
});
