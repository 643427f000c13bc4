import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import test from "ava";
import { HeartbeatThread } from "../../../services/p3-net/index.ts";
import { joined, keptLog, seedOf, until } from "./support.ts";

test.serial(
  "a thread of heartbeats that dies is made again at its port, and the peer stays",
  async (t) => {
    const workers: Worker[] = [];
    const note = (worker: Worker): void => void workers.push(worker);
    process.on("worker", note);
    const { logger, lines } = keptLog();
    // Silence is judged leniently: this process does everything at once.
    const settings = { detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 500 } };
    await using first = await joined({ logger, settings });
    await using second = await joined({
      settings: { ...settings, mayFound: false },
      seeds: [seedOf(first)],
    });
    process.removeListener("worker", note);
    t.is(workers.length, 2);
    await workers[0]?.terminate();
    t.true(await until(() => lines.some(({ message }) => message.includes("made again"))));
    // It is made again, or taken for gone and joins again: both within the bounds of the overlay.
    t.true(
      await until(
        () =>
          [first, second].every(({ overlay }) => overlay.membership.cell().length === 2) &&
          first.overlay.faultTolerance.suspicion(second.ref.id) !== undefined,
      ),
    );
  },
);

test.serial(
  "peers of one process may share a thread, which lives while one of them does",
  async (t) => {
    const workers: Worker[] = [];
    const note = (worker: Worker): void => void workers.push(worker);
    process.on("worker", note);
    t.teardown(() => void process.removeListener("worker", note));
    const heartbeats = new HeartbeatThread(3);
    const settings = { detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 500 } };
    const first = await joined({ settings, heartbeats });
    const rest = { settings: { ...settings, mayFound: false }, seeds: [seedOf(first)], heartbeats };
    const second = await joined(rest);
    const leaf = await joined({ ...rest, role: "leaf" });
    t.is(workers.length, 1);
    await second.close();
    const [before] = workers;
    // Its death is the death of all that are left in it: they are made again together.
    await before?.terminate();
    t.true(await until(() => workers.length === 2));
    t.true(
      await until(() => first.overlay.faultTolerance.suspicion(leaf.ref.id) !== undefined),
      "heartbeats of the leaf come again",
    );
    const ended = once(workers[1] as Worker, "exit");
    await first.close();
    await leaf.close();
    await ended;
    t.is(workers.length, 2);
  },
);
