import test from "ava";
import { noLogger, TestClock } from "../../../orb/base/index.ts";
import { Notifier } from "../../../services/node/index.ts";

const PID = 4711;

function world(environment: Readonly<Record<string, string>>): {
  readonly notifier: Notifier;
  readonly clock: TestClock;
  readonly sent: string[];
  readonly warned: string[];
  readonly fault: { why: string | undefined };
} {
  const clock = new TestClock();
  const sent: string[] = [];
  const warned: string[] = [];
  const fault: { why: string | undefined } = { why: undefined };
  const notifier = new Notifier({
    environment,
    processId: PID,
    clock,
    logger: { ...noLogger, warn: (message) => void warned.push(message) },
    send: (path, octets) => {
      if (fault.why !== undefined) throw new Error(fault.why);
      sent.push(`${path} ${Buffer.from(octets).toString()}`);
    },
  });
  return { notifier, clock, sent, warned, fault };
}

test("nobody asked: nothing is told", (t) => {
  const { notifier, clock, sent } = world({});
  notifier.ready("x");
  notifier.stopping();
  t.deepEqual([sent, clock.pendingCount], [[], 0]);
});

test("ready, then the watchdog twice in its time, until it is disposed of", (t) => {
  const { notifier, clock, sent } = world({
    NOTIFY_SOCKET: "/run/n",
    WATCHDOG_USEC: "10000000",
    WATCHDOG_PID: `${PID}`,
  });
  notifier.ready("joining");
  clock.advanceMs(10_000);
  notifier.status("ready");
  notifier.stopping();
  t.deepEqual(sent, [
    "/run/n READY=1\nSTATUS=joining",
    "/run/n WATCHDOG=1",
    "/run/n WATCHDOG=1",
    "/run/n WATCHDOG=1",
    "/run/n STATUS=ready",
    "/run/n STOPPING=1",
  ]);
  notifier[Symbol.dispose]();
  t.is(clock.pendingCount, 0);
});

test("the watchdog of another process is not told", (t) => {
  const { notifier, clock, sent } = world({
    NOTIFY_SOCKET: "@n",
    WATCHDOG_USEC: "1000",
    WATCHDOG_PID: "1",
  });
  notifier.ready("x");
  clock.advanceMs(10);
  t.deepEqual(sent, ["@n READY=1\nSTATUS=x"]);
});

test("a manager that does not listen is one warning", (t) => {
  const { notifier, clock, warned, fault } = world({
    NOTIFY_SOCKET: "/run/n",
    WATCHDOG_USEC: "1000",
  });
  fault.why = "ECONNREFUSED";
  notifier.ready("x");
  clock.advanceMs(100);
  t.deepEqual(warned, ["the service manager at /run/n is not told: ECONNREFUSED"]);
});
