import test from "ava";
import { type Random, seededRandom } from "../../../orb/base/index.ts";
import {
  type Ballot,
  compareBallots,
  Proposal,
  vote,
  type VoterReply,
  type VoterRequest,
  type VoterState,
} from "../../../services/names/index.ts";

const VOTERS = ["v1", "v2", "v3"];

/** One that wants the name, and tries until it knows. */
interface Binder {
  readonly id: string;
  round: number;
  proposal: Proposal<string>;
}

/** What a name stands for; "" when it is free. */
function propose(id: string, round: number): Proposal<string> {
  const ballot: Ballot = { epoch: 1, round, proposer: id };
  return new Proposal(ballot, VOTERS, (latest) =>
    latest === undefined || latest === "" ? `IOR of ${id}` : latest,
  );
}

type Letter =
  | { readonly to: string; readonly from: string; readonly request: VoterRequest<string> }
  | { readonly to: string; readonly from: string; readonly reply: VoterReply<string> };

/** Binders and voters on a network that loses, doubles and reorders; a voter may be away for a while. */
class Election {
  readonly binders: Map<string, Binder>;
  readonly #random: Random;
  readonly #voters: Map<string, VoterState<string>> = new Map();
  readonly #letters: Letter[] = [];
  readonly #told: Map<string, string> = new Map();

  constructor(seed: number, count: number) {
    this.#random = seededRandom(seed);
    this.binders = new Map(
      Array.from({ length: count }, (_, i) => `b${i}`).map((id) => [
        id,
        { id, round: 1, proposal: propose(id, 1) },
      ]),
    );
  }

  /** What each was told that the name stands for. */
  get told(): ReadonlyMap<string, string> {
    return this.#told;
  }

  run(steps: number, lossChance: number, away: readonly string[] = []): void {
    for (let i = 0; i < steps; i++) {
      for (const binder of this.binders.values())
        if (this.#random.number() < 0.02) this.#send(binder);
      const at = Math.floor(this.#random.number() * this.#letters.length);
      // Left in place now and then: it arrives again.
      const isKept = this.#random.number() < 0.1;
      const letter = isKept ? this.#letters[at] : this.#letters.splice(at, 1)[0];
      if (letter === undefined || this.#random.number() < lossChance) continue;
      if (away.includes(letter.to)) continue;
      if ("request" in letter) this.#vote(letter.to, letter.from, letter.request);
      else this.#hear(letter.to, letter.from, letter.reply);
      if (this.#letters.length > 200) this.#letters.splice(0, 100);
    }
  }

  #send({ id, proposal }: Binder): void {
    if (proposal.outcome.at !== "open") return;
    for (const to of VOTERS) this.#letters.push({ to, from: id, request: proposal.request });
  }

  #vote(voter: string, from: string, request: VoterRequest<string>): void {
    const { state, reply } = vote(this.#voters.get(voter), request);
    this.#voters.set(voter, state);
    this.#letters.push({ to: from, from: voter, reply });
  }

  #hear(id: string, from: string, reply: VoterReply<string>): void {
    const binder = this.binders.get(id);
    if (binder === undefined) return;
    if (binder.proposal.heard(from, reply)) this.#send(binder);
    const { outcome } = binder.proposal;
    if (outcome.at === "done") this.#told.set(id, outcome.value);
    else if (outcome.at === "outbid") {
      binder.round =
        Math.max(binder.round, outcome.round) + 1 + Math.floor(this.#random.number() * 3);
      binder.proposal = propose(id, binder.round);
    }
  }
}

test("of five that bind one name at once exactly one wins, and all are told the same, over 500 seeds", (t) => {
  const winners = new Set<string>();
  for (let seed = 0; seed < 500; seed++) {
    const election = new Election(seed, 5);
    election.run(300, 0.2, seed % 2 === 0 ? [] : [VOTERS[seed % 3] ?? ""]);
    // What was told in the midst of it must hold in the end.
    const early = new Map(election.told);
    election.run(4_000, 0);
    const values = new Set([...early.values(), ...election.told.values()]);
    t.is(election.told.size, 5, `seed ${seed}`);
    t.is(values.size, 1, `seed ${seed}: ${[...values].join(", ")}`);
    for (const value of values) winners.add(value);
  }
  t.true(winners.size > 1);
});

test("without a majority nobody is told anything, with it again the bind goes through", (t) => {
  const election = new Election(1, 2);
  election.run(2_000, 0, ["v1", "v2"]);
  t.is(election.told.size, 0);
  election.run(4_000, 0);
  t.is(election.told.size, 2);
});

test("a name that was unbound is free for another", (t) => {
  const states = new Map<string, VoterState<string>>();
  const settle = (proposal: Proposal<string>): string => {
    for (let isNew = true; isNew; ) {
      isNew = false;
      const { request } = proposal;
      for (const voter of VOTERS.slice(0, 2)) {
        const { state, reply } = vote(states.get(voter), request);
        states.set(voter, state);
        isNew = proposal.heard(voter, reply) || isNew;
      }
    }
    const { outcome } = proposal;
    return outcome.at === "done" ? outcome.value : outcome.at;
  };
  t.is(settle(propose("a", 1)), "IOR of a");
  t.is(settle(propose("b", 2)), "IOR of a");
  t.is(settle(new Proposal({ epoch: 1, round: 3, proposer: "a" }, VOTERS, () => "")), "");
  t.is(settle(propose("b", 4)), "IOR of b");
  t.is(settle(propose("a", 2)), "outbid");
});

test("a stranger's promise does not count, and ballots are in one order", (t) => {
  const proposal = propose("a", 1);
  const ballot = { epoch: 1, round: 1, proposer: "a" };
  for (const from of ["x", "y", "z"])
    t.false(proposal.heard(from, { kind: "promised", ballot, vote: undefined }));
  t.is(proposal.request.kind, "prepare");
  t.true(compareBallots(ballot, { ...ballot, proposer: "b" }) < 0);
  t.true(compareBallots(ballot, { ...ballot, round: 0, proposer: "b" }) > 0);
  t.true(compareBallots(ballot, { epoch: 2, round: 0, proposer: "" }) < 0);
  t.is(compareBallots(ballot, { ...ballot }), 0);
});
