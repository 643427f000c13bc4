import { systemClock } from "../../../orb/base/index.ts";
import { type Fault, faultText, harmLink, pause } from "../../chaos/index.ts";
import { type Surroundings, UsageError } from "../../command/index.ts";
import { Links } from "./links.ts";
import type { Wish } from "./wish.ts";

const STANDARD_MS = 1_000;

function faultOf({ way, delayMs, forMs: ms = STANDARD_MS }: Wish): Fault {
  switch (way) {
    case "cut":
      return { kind: way };
    case "delay":
      return { kind: way, delayMs, ms };
    case "hold":
    case "refuse":
      return { kind: way, ms };
  }
}

/** `partition`: links that pass everything on, but for a while. Ends when it is interrupted. */
export async function partition(wish: Wish, { print, stop }: Surroundings): Promise<number> {
  if (wish.links.length === 0)
    throw new UsageError("chaos partition: --link HOST:PORT=HOST:PORT is needed");
  await using links = await Links.open(wish.links);
  for (const { name } of links.open) print(`link=${name}`);
  const fault = faultOf(wish);
  if (!(await pause(systemClock, wish.afterMs, stop))) {
    print(faultText(fault));
    await Promise.all(links.open.map(({ target }) => harmLink(target, fault, systemClock, stop)));
    print("everything goes through");
  }
  await untilAborted(stop);
  return 0;
}

function untilAborted(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
