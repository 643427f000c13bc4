import type { ExecutionContext } from "ava";
import { MemoryTransport, type ObjectReference, type ORB, ORB_init } from "../../../orb/index.ts";
import { TestClock } from "../../../orb/base/index.ts";
import { foundingView, type GroupSettings, type Message } from "../../../services/group/index.ts";
import {
  type Divergence,
  GroupReplica,
  PlainState,
  replicated,
} from "../../../services/replication/index.ts";
import { Sample } from "../sample.ts";
import { carried } from "./carried.ts";

/** A servant whose whole state is plain data: it writes down what it was told, and numbers it. */
export class Ledger extends Sample {
  readonly said: string[] = [];
  /** What this replica alone would choose. */
  readonly #own: string;

  constructor(own: string) {
    super();
    this.#own = own;
  }

  override echo(text: string): string | Promise<string> {
    if (text.startsWith("slowly ")) return Promise.resolve().then(() => this.#note(text));
    if (text === "choose") {
      const chosen = Buffer.from(replicated.decide(() => Buffer.from(this.#own))).toString();
      return this.#note(`${chosen} ${replicated.nowMs()} ${replicated.random()}`);
    }
    return this.#note(text);
  }

  #note(text: string): string {
    this.said.push(text);
    return `${this.said.length} ${text}`;
  }
}

/** One replica of the ledger, in an ORB of its own. */
export interface LedgerReplica {
  readonly id: string;
  readonly orb: ORB;
  readonly replica: GroupReplica;
  readonly ledger: Ledger;
  /** As a client has it. */
  readonly reference: ObjectReference;
}

/** A replicated ledger in one process: an ORB for each replica and one for clients, and a network between replicas. */
export class LocalGroup {
  readonly clock: TestClock = new TestClock(0, 1_700_000_000_000);
  readonly replicas: Map<string, LedgerReplica> = new Map();
  readonly divergences: Divergence[] = [];
  readonly #transport: MemoryTransport = new MemoryTransport();
  readonly #settings: Partial<GroupSettings>;
  readonly #cut: Set<string> = new Set();
  readonly #t: ExecutionContext;
  #client: ORB | undefined;

  constructor(t: ExecutionContext, settings: Partial<GroupSettings>) {
    this.#t = t;
    this.#settings = settings;
  }

  async found(ids: readonly string[]): Promise<void> {
    this.#client = await ORB_init([], { transport: this.#transport });
    this.#t.teardown(() => this.#client?.destroy());
    for (const id of ids) await this.#start(id, ids);
  }

  /** Another replica comes, and is a member when this returns. */
  async join(id: string, contact: string): Promise<LedgerReplica> {
    const one = await this.#start(id, undefined);
    one.replica.join(contact);
    await this.until(() => one.replica.standing.at === "follower");
    return one;
  }

  get(id: string): LedgerReplica {
    const one = this.replicas.get(id);
    if (one === undefined) throw new TypeError(`there is no replica ${id}`);
    return one;
  }

  get primary(): LedgerReplica | undefined {
    return [...this.replicas.values()].find(({ replica }) => replica.standing.at === "primary");
  }

  /** The process is gone: whoever was connected to it sees a reset. */
  async kill(id: string): Promise<void> {
    const { orb } = this.get(id);
    this.replicas.delete(id);
    for (const { replica } of this.replicas.values()) replica.reset(id);
    await orb.destroy();
  }

  /** From now on nothing passes between it and the others. */
  cut(id: string): void {
    this.#cut.add(id);
  }

  /** Lets the group's time pass until it is so; at most ten seconds of it. */
  async until(isSo: () => boolean): Promise<void> {
    for (let i = 0; i < 400 && !isSo(); i++) {
      this.clock.advanceMs(25);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!isSo()) throw new Error("it did not become so in ten seconds");
  }

  async #start(id: string, founders: readonly string[] | undefined): Promise<LedgerReplica> {
    const orb = await ORB_init([], { transport: this.#transport });
    this.#t.teardown(() => orb.destroy());
    orb.rootPOA.the_POAManager.activate();
    const ledger = new Ledger(id);
    const replica = new GroupReplica({
      self: id,
      carrier: { send: (to, message) => this.#carry(id, to, message) },
      state: new PlainState(new Map([["ledger", ledger]])),
      settings: this.#settings,
      clock: this.clock,
      digestEvery: 2,
      diverged: (fault) => void this.divergences.push(fault),
      ...(founders === undefined ? {} : { founding: foundingView(founders) }),
    });
    const poa = await orb.rootPOA.createPoa("ledgers", { gate: replica });
    const near = await poa.activate(ledger);
    const reference = await this.#client?.string_to_object(orb.object_to_string(near));
    if (reference === null || reference === undefined) throw new TypeError("nil");
    const one: LedgerReplica = { id, orb, replica, ledger, reference };
    this.replicas.set(id, one);
    return one;
  }

  #carry(from: string, to: string, message: Message): void {
    // What is sent is sent: the sender may go on changing its own.
    const copy = carried(message);
    setImmediate(() => {
      if (this.#cut.has(from) || this.#cut.has(to) || !this.replicas.has(from)) return;
      this.replicas.get(to)?.replica.receive(from, copy);
    });
  }
}
