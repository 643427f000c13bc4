import { type Command, type Surroundings, UsageError } from "../../command/index.ts";
import { ChaosError } from "../../chaos/index.ts";
import { inside } from "./inside.ts";
import { partition } from "./partition.ts";
import { randomly } from "./randomly.ts";
import { onProcess } from "./on-process.ts";
import { HELP, readWish, type Wish } from "./wish.ts";

type Deed = (wish: Wish, surroundings: Surroundings) => Promise<number>;

const DEEDS: Readonly<Record<string, Deed>> = {
  crash: onProcess,
  freeze: onProcess,
  slow: (wish, surroundings) =>
    wish.peer === undefined ? onProcess(wish, surroundings) : inside(wish, surroundings),
  leak: inside,
  stop: inside,
  now: inside,
  partition,
  random: randomly,
};

async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const wish = readWish(args);
  const deed = Object.hasOwn(DEEDS, wish.fault) ? DEEDS[wish.fault] : undefined;
  const allowed = Object.keys(DEEDS).join(", ");
  if (deed === undefined)
    throw new UsageError(
      wish.fault === ""
        ? `chaos: what is it to do? allowed: ${allowed}`
        : `chaos: "${wish.fault}" is nothing it does; allowed: ${allowed}`,
    );
  try {
    return await deed(wish, surroundings);
  } catch (thrown) {
    if (!(thrown instanceof ChaosError)) throw thrown;
    surroundings.complain(`chaos ${wish.fault}: ${thrown.message}`);
    return 1;
  }
}

export const chaosCommand: Command = {
  name: "chaos",
  summary: "breaks processes and connections on purpose: crash, freeze, slow, leak, partition",
  help: HELP,
  run,
};
