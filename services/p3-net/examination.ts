import type { Clock, Endpoint, Transport } from "../../orb/index.ts";

/** What a look at a peer found. */
export type Finding = "alive" | "gone" | "unknown";

/** Milliseconds to answer a connection; who takes longer is the failure detector's affair. */
const ANSWER_MS = 150;
/** A process that ends may still take a connection, and breaks it at once. */
const HOLD_MS = 25;
const LOOKS = 5;

/**
 * A broken connection alone says nothing of the process: whoever cuts it could then depose coordinators. A process that
 * is gone takes no other connection: "gone" is what its machine says itself. "unknown": nobody says anything.
 */
export async function examine(at: Endpoint, transport: Transport, clock: Clock): Promise<Finding> {
  for (let look = 0; look < LOOKS; look++) {
    const finding = await lookAt(at, transport, clock);
    if (finding !== "broken") return finding;
  }
  return "unknown";
}

async function lookAt(
  at: Endpoint,
  transport: Transport,
  clock: Clock,
): Promise<Finding | "broken"> {
  const late = new AbortController();
  const timer = clock.timer(ANSWER_MS, () => late.abort(new Error("no answer")));
  try {
    const channel = await transport.connect(at, late.signal);
    return await new Promise((resolve) => {
      const held = clock.timer(HOLD_MS, () => {
        resolve("alive");
        channel.destroy();
      });
      channel.start({
        data: () => undefined,
        drained: () => undefined,
        closed: () => {
          held.cancel();
          resolve("broken");
        },
      });
    });
  } catch (error) {
    if (late.signal.aborted || !(error instanceof Error) || !("code" in error)) return "unknown";
    // A reset while connecting: it ended between the two.
    if (error.code === "ECONNRESET") return "broken";
    return error.code === "ECONNREFUSED" ? "gone" : "unknown";
  } finally {
    timer.cancel();
  }
}
