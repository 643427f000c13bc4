import test from "ava";
import { openPeer } from "../../../services/p3-net/index.ts";
import { HOST, joined, keptLog, seedOf, untilStanding } from "./support.ts";

test("a seed that is no HOST:PORT is refused with what is allowed", async (t) => {
  for (const seed of [
    "localhost",
    "localhost:0",
    "localhost:70000",
    "[::1:80",
    "iiop://h:1",
    "a:1,2",
  ])
    await t.throwsAsync(openPeer({ host: HOST, seeds: [seed] }), {
      instanceOf: RangeError,
      message: `seed "${seed}" is not understood; allowed: HOST:PORT, e.g. peers.example:7400 or [::1]:7400`,
    });
});

test("a seed by name stands for all of its addresses, and one that is not found is a warning", async (t) => {
  await using first = await joined({});
  const { logger, lines } = keptLog();
  const port = seedOf(first).split(":")[1];
  const seeds = ["peers.invalid:7400", `localhost:${port}`];
  await using second = await joined({ logger, seeds, settings: { mayFound: false } });
  t.like(second.overlay.membership.standing(), { at: "member", coordinator: first.ref });
  t.true(lines.some(({ level, fields }) => level === "warn" && fields["seed"] === "peers.invalid"));
});

test("a port that is taken is said by its name, and nothing is left open", async (t) => {
  await using first = await joined({});
  const membership = Number(seedOf(first).split(":")[1]);
  const ports = { membership, discovery: 0, faultTolerance: 0 };
  const error = await t.throwsAsync(openPeer({ host: HOST, seeds: [], ports }));
  t.regex(String(error), new RegExp(`${HOST}:${membership}.*EADDRINUSE`));
});

test("peers of one local network find each other by multicast, without a seed", async (t) => {
  // A port of its own for each run: other runs on this machine would answer.
  const multicast = { interface: HOST, port: 20_000 + (process.pid % 20_000) };
  await using first = await joined({ multicast });
  await using second = await joined({ multicast });
  await untilStanding(
    second,
    ({ at }) => at === "member" || first.overlay.membership.standing().at === "member",
  );
  const ids = [first, second].map(({ ref }) => ref.id).toSorted();
  for (const { overlay } of [first, second])
    t.deepEqual(
      overlay.membership
        .cell()
        .map(({ ref }) => ref.id)
        .toSorted(),
      ids,
    );
});
