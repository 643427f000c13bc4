import test from "ava";
import { PortableInterceptor } from "../../../idl/index.ts";
import {
  type Arrival,
  Deadline,
  type DispatchGate,
  MemoryTransport,
  NO_RESOURCES,
  type ObjectReference,
  type Outcome,
  TRANSIENT,
  type Upcall,
} from "../../../orb/index.ts";
import { systemClock } from "../../../orb/base/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { serverWatch, watchedOrb } from "./support.ts";

/** Does with each arrival what a test says. */
class TestGate implements DispatchGate {
  upcall: Upcall = () => ({ kind: "none" });
  decide: (arrival: Arrival, deadline: Deadline) => Outcome | Promise<Outcome> = (a, d) =>
    this.upcall(a, d);

  attach(upcall: Upcall): void {
    this.upcall = upcall;
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    return this.decide(arrival, deadline);
  }
}

const ID = 0x4567;

async function gated(t: Parameters<typeof watchedOrb>[0], log: string[], forward?: () => void) {
  const servers = [
    serverWatch("S", (point, ri) => {
      log.push(`${point} ${ri.operation}`);
      if (point === "receive_request") {
        forward?.();
        ri.add_reply_service_context({ context_id: ID, context_data: Uint8Array.of(1) }, false);
      }
      if (point === "send_reply") {
        t.is(ri.reply_status, PortableInterceptor.SUCCESSFUL);
        t.throws(() => ri.result, { instanceOf: NO_RESOURCES });
      }
    }),
  ];
  const orb = await watchedOrb(t, new MemoryTransport(), { servers });
  orb.rootPOA.the_POAManager.activate();
  const gate = new TestGate();
  const servant = new Sample();
  const poa = await orb.rootPOA.createPoa("gated", { gate, idAssignment: "USER_ID" });
  return { gate, servant, orb, reference: await poa.activate("one", servant) };
}

const WHOLE = ["receive_request_service_contexts", "receive_request", "send_reply"];
const echoed = (points: readonly string[]): string[] => points.map((point) => `${point} echo`);

test("a request that passes a gate is one flow", async (t) => {
  const log: string[] = [];
  const { reference, gate } = await gated(t, log);
  t.is(await sample.echo(reference, "at once"), "at once");
  t.deepEqual(log.splice(0), echoed(WHOLE));
  gate.decide = async (arrival, deadline) => {
    await new Promise((resolve) => setImmediate(resolve));
    log.push("ordered");
    const outcome = await gate.upcall(arrival, deadline);
    t.is(outcome.kind, "reply");
    if (outcome.kind === "reply")
      t.deepEqual(
        outcome.contexts.map(({ id }) => id),
        [ID],
      );
    return outcome;
  };
  t.is(await sample.echo(reference, "later"), "later");
  const [first = "", ...rest] = echoed(WHOLE);
  t.deepEqual(log, [first, "ordered", ...rest]);
});

test("an arrival that came by the gate alone is a whole flow of its own", async (t) => {
  const log: string[] = [];
  const { reference, gate, servant } = await gated(t, log);
  const arrivals: Arrival[] = [];
  gate.decide = (arrival, deadline) => {
    arrivals.push({ ...arrival });
    return gate.upcall(arrival, deadline);
  };
  await sample.echo(reference, "x");
  log.length = 0;
  const [arrival] = arrivals as [Arrival];
  const outcome = await gate.upcall(arrival, Deadline.after(systemClock, 1_000));
  t.is(outcome.kind, "reply");
  t.deepEqual(log, echoed(WHOLE));
  t.deepEqual(servant.calls, ["echo x", "echo x"]);
});

test("an arrival whose interceptor forwards is a forward, and no servant is called", async (t) => {
  const log: string[] = [];
  let to: ObjectReference | null = null;
  const { reference, gate, servant } = await gated(t, log, () => {
    if (to !== null) throw new PortableInterceptor.ForwardRequest({ forward: to });
  });
  const arrivals: Arrival[] = [];
  gate.decide = (arrival, deadline) => {
    arrivals.push({ ...arrival });
    return gate.upcall(arrival, deadline);
  };
  await sample.echo(reference, "x");
  to = reference;
  const [arrival] = arrivals as [Arrival];
  const outcome = await gate.upcall(arrival, Deadline.after(systemClock, 1_000));
  t.is(outcome.kind, "forward");
  t.deepEqual(servant.calls, ["echo x"]);
});

test("what a gate answers by itself ends the flow", async (t) => {
  const log: string[] = [];
  const { reference, gate, servant } = await gated(t, log);
  let reply: Outcome = { kind: "none" };
  gate.decide = async (arrival, deadline) => (reply = await gate.upcall(arrival, deadline));
  await sample.echo(reference, "x");
  log.length = 0;
  gate.decide = () => reply;
  t.is(await sample.echo(reference, "y"), "x");
  t.deepEqual(log.splice(0), echoed(["receive_request_service_contexts", "send_reply"]));
  gate.decide = () => {
    throw new TRANSIENT("not now");
  };
  await t.throwsAsync(sample.echo(reference, "y"), { instanceOf: TRANSIENT });
  t.deepEqual(log.splice(0), echoed(["receive_request_service_contexts", "send_exception"]));
  gate.decide = () => ({
    kind: "forward",
    to: reference._core.ior,
    permanent: false,
    contexts: [],
  });
  await t.throwsAsync(sample.echo(reference, "y"), { message: /forwarded 10 times/ });
  t.is(log[1], "send_other echo");
  t.deepEqual(servant.calls, ["echo x"]);
});
