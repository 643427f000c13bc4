import { newReplicaState, Witness } from "../../../services/group/index.ts";
import type {
  Effect,
  GroupSettings,
  MemberId,
  Message,
  ReplicaEvent,
  State,
  View,
  WitnessState,
} from "../../../services/group/index.ts";
import { stepState } from "../../../services/group/index.ts";
import type { Request } from "../../../services/history/index.ts";
import { copy, freeze, hashOf, textOf } from "./fingerprint.ts";
import { asked, type Chronicle, NO_CHRONICLE, saw, sawView, textOfChronicle } from "./chronicle.ts";
import { isChore, type Node, serve } from "./servant.ts";

export interface Letter {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly message: Message;
}

/** A machine that is broken in one way, so that the checker is seen to notice: see `mutants.ts`. */
export interface Mutation {
  /** What is wrong with it. */
  readonly name: string;
  /** Before a step; may spoil the state, or the event. */
  before?(state: State, event: ReplicaEvent): ReplicaEvent;
  /** After a step; likewise. */
  after?(state: State, event: ReplicaEvent, effects: readonly Effect[]): readonly Effect[];
  /** What the witness remembers when a message comes. */
  witness?(state: WitnessState | undefined, message: Message): WitnessState | undefined;
}

export interface WorldOptions {
  readonly settings: GroupSettings;
  readonly members: readonly MemberId[];
  readonly witness?: MemberId;
  /** Servants take their time: their results are events of their own. */
  readonly isSlow?: boolean;
  readonly mutation?: Mutation;
}

/** Everything there is at one moment of a model: replicas, messages on their way, and what happened so far. */
export class World {
  readonly options: WorldOptions;
  readonly nodes: ReadonlyMap<MemberId, Node>;
  readonly witness: { readonly id: MemberId; readonly state: WitnessState | undefined } | undefined;
  readonly letters: readonly Letter[];
  readonly chronicle: Chronicle;

  constructor(
    options: WorldOptions,
    nodes: ReadonlyMap<MemberId, Node>,
    witness: World["witness"],
    letters: readonly Letter[],
    chronicle: Chronicle,
  ) {
    this.options = options;
    this.nodes = nodes;
    this.witness = witness;
    this.letters = letters;
    this.chronicle = chronicle;
  }

  static founded(options: WorldOptions, view: View): World {
    const nodes = new Map<MemberId, Node>();
    freeze(view);
    for (const id of options.members) {
      const state = newReplicaState({ self: id, settings: options.settings, founding: view }, 0);
      nodes.set(id, { id, state, list: [], logged: 0, chores: [] });
    }
    const witness =
      options.witness === undefined ? undefined : { id: options.witness, state: undefined };
    return new World(options, nodes, witness, [], sawView(NO_CHRONICLE, view));
  }

  /** The same only for worlds from which the same can happen. @param besides what else decides on that */
  hash(besides: string): number {
    let letters = 0;
    for (const letter of this.letters) letters = (letters + hashOfFrozen(letter)) % LARGE_PRIME;
    let nodes = "";
    for (const node of this.nodes.values()) nodes += `${hashOfFrozen(node)} `;
    return hashOf(
      `${nodes}|${letters}|${textOf(this.witness)}|${textOfChronicle(this.chronicle)}|${besides}`,
    );
  }

  /** A replica that has yet to join. */
  started(id: MemberId): World {
    const state = newReplicaState({ self: id, settings: this.options.settings }, 0);
    return this.#with({ id, state, list: [], logged: 0, chores: [] });
  }

  /** The process is gone, and what was on its way to it. */
  crashed(id: MemberId): World {
    const nodes = new Map(this.nodes);
    nodes.delete(id);
    const letters = this.letters.filter(({ to }) => to !== id);
    return new World(this.options, nodes, this.witness, letters, this.chronicle);
  }

  /** @param keep the message arrives once more */
  delivered(letter: Letter, keep: boolean = false): World {
    const { from, to, message } = letter;
    const letters = keep ? this.letters : this.letters.filter((one) => one !== letter);
    const world = new World(this.options, this.nodes, this.witness, letters, this.chronicle);
    if (to === this.witness?.id) return world.#toWitness(from, message);
    return world.happened(to, { kind: "message", from, message });
  }

  #toWitness(from: MemberId, message: Message): World {
    if (this.witness === undefined) return this;
    const { id, state } = this.witness;
    const { mutation } = this.options;
    const witness = new Witness(
      id,
      mutation?.witness === undefined ? state : mutation.witness(state, message),
    );
    const reply = witness.step(message);
    const letters =
      reply === undefined
        ? this.letters
        : withLetter(this.letters, { from: id, to: from, message: reply });
    return new World(
      this.options,
      this.nodes,
      { id, state: witness.state },
      letters,
      this.chronicle,
    );
  }

  /** The servant of a node does the first of its chores. */
  worked(id: MemberId): World {
    const node = this.nodes.get(id);
    const chore = node?.chores[0];
    if (node === undefined || chore === undefined) return this;
    const { settings } = node.state;
    const { list, logged, event } = serve(id, settings, node.list, node.logged, chore);
    const world = this.#with({ ...node, list, logged, chores: node.chores.slice(1) });
    return event === undefined ? world : world.happened(id, event);
  }

  submitted(id: MemberId, request: Request): World {
    const chronicle = asked(this.chronicle, request);
    const world = new World(this.options, this.nodes, this.witness, this.letters, chronicle);
    return world.happened(id, { kind: "submit", ticket: Number(request.id.slice(1)), request });
  }

  happened(id: MemberId, told: ReplicaEvent): World {
    const node = this.nodes.get(id);
    if (node === undefined) return this;
    const { mutation, isSlow } = this.options;
    const state = copy(node.state);
    const event = mutation?.before?.(state, told) ?? told;
    const done = stepState(state, event, 0);
    const effects = mutation?.after?.(state, event, done) ?? done;
    const chores = [...node.chores];
    let { letters, chronicle } = this;
    for (const effect of effects)
      if (effect.kind === "send")
        letters = withLetter(letters, { from: id, to: effect.to, message: effect.message });
      else if (isChore(effect)) chores.push(effect);
    const after: Node = { ...node, state, chores };
    chronicle = saw(chronicle, after, this.options.settings, effects);
    let world = new World(
      this.options,
      new Map(this.nodes).set(id, after),
      this.witness,
      letters,
      chronicle,
    );
    // A servant that is done at once leaves nothing open between two steps.
    if (isSlow !== true)
      while ((world.nodes.get(id)?.chores.length ?? 0) > 0) world = world.worked(id);
    return world;
  }

  /** Without what will never have an effect: old news to who knows more, and letters to nobody. */
  pruned(): World {
    const letters = this.letters.filter((letter) => this.#matters(letter));
    if (letters.length === this.letters.length) return this;
    return new World(this.options, this.nodes, this.witness, letters, this.chronicle);
  }

  #matters({ from, to, message }: Letter): boolean {
    if (to === this.witness?.id) return message.kind === "wedge" || message.kind === "propose";
    const node = this.nodes.get(to);
    if (node === undefined || node.state.role.at === "fenced" || node.state.role.at === "left")
      return false;
    const number = node.state.view?.number ?? 0;
    if (message.view > number) return true;
    if (message.kind === "news") return false;
    if (message.view === number) return true;
    // Too old: all it does is to have the sender told.
    const sender = this.nodes.get(from)?.state;
    return (
      sender !== undefined && sender.role.at !== "fenced" && (sender.view?.number ?? 0) < number
    );
  }

  #with(node: Node): World {
    const nodes = new Map(this.nodes).set(node.id, node);
    return new World(this.options, nodes, this.witness, this.letters, this.chronicle);
  }
}

/** Sums of two numbers below it are exact. */
const LARGE_PRIME = 4503599627370449;
const HASHES: WeakMap<object, number> = new WeakMap();

/** Letters and nodes never change. */
function hashOfFrozen(value: object): number {
  const known = HASHES.get(value);
  if (known !== undefined) return known;
  const hash = hashOf(textOf(value)) % LARGE_PRIME;
  HASHES.set(value, hash);
  return hash;
}

/** Two equal letters on their way are as good as one: each may arrive at any time, or never. */
function withLetter(letters: readonly Letter[], letter: Letter): readonly Letter[] {
  freeze(letter);
  const text = textOf(letter);
  return letters.some((one) => textOf(one) === text) ? letters : [...letters, letter];
}
