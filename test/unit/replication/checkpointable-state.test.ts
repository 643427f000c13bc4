import test from "ava";
import { FT } from "../../../idl/index.ts";
import { CheckpointableState, type StatefulServant } from "../../../services/replication/index.ts";

/** A servant that counts, and tells how much since it was last asked. */
class Counter implements StatefulServant {
  #sum = 0;
  #told = 0;

  add(amount: number): void {
    this.#sum += amount;
  }

  get sum(): number {
    return this.#sum;
  }

  get_state(): Uint8Array {
    return new Uint8Array([this.#sum]);
  }

  async set_state(state: Uint8Array): Promise<void> {
    await Promise.resolve();
    this.#sum = state[0] ?? 0;
  }

  get_update(): Uint8Array {
    if (this.#sum - this.#told > 100) throw new FT.NoUpdateAvailable({});
    const update = new Uint8Array([this.#sum - this.#told]);
    this.#told = this.#sum;
    return update;
  }

  set_update(update: Uint8Array): void {
    this.#sum += update[0] ?? 0;
  }
}

async function two(): Promise<
  readonly [Counter, CheckpointableState, Counter, CheckpointableState]
> {
  const [here, there] = [new Counter(), new Counter()];
  const from = await CheckpointableState.of(new Map([["counter", here]]));
  const to = await CheckpointableState.of(new Map([["counter", there]]));
  return [here, from, there, to];
}

test("the state of checkpointable servants is theirs to give, and to take", async (t) => {
  const [here, from, there, to] = await two();
  here.add(7);
  await to.restore(await from.capture());
  t.is(there.sum, 7);
  await to.restore(undefined);
  t.is(there.sum, 0);
});

test("an update travels where there is one, else the state", async (t) => {
  const [here, from, there, to] = await two();
  there.add(50);
  here.add(3);
  await to.apply(await from.update());
  t.is(there.sum, 53);
  here.add(120);
  await to.apply(await from.update());
  t.is(there.sum, 123);
});

test("a state of a servant that is not there is refused by its name", async (t) => {
  const [, from] = await two();
  const empty = await CheckpointableState.of(new Map());
  const state = await from.capture();
  t.throws(() => empty.apply(state), {
    message: "there is a state of counter, and no such servant",
  });
});
