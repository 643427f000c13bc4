import test from "ava";
import { noLogger, TestClock } from "../../../orb/base/index.ts";
import { AllowList, Services, type ServiceSpec } from "../../../services/peer/index.ts";

const SPEC: ServiceSpec = {
  name: "bank",
  module: "file:///bank.js",
  export: "Bank",
  args: [],
  names: [],
  publish: false,
  attributes: {},
  replication: { members: ["127.0.0.1:1"], joins: true },
  start: "auto",
  restart: "never",
  restartMs: 100,
  mostRestarts: 0,
  configured: false,
};

test("a replica that came from afar is made anew as those of the configuration are", async (t) => {
  const log: string[] = [];
  const services = new Services({
    specs: [{ ...SPEC, name: "own", configured: true }],
    activate: ({ name }) => {
      log.push(`${name} begins`);
      return Promise.resolve({
        reference: "IOR:00",
        announce: () => Promise.resolve(),
        withdraw: () => Promise.resolve(),
        deactivate: () => Promise.resolve(void log.push(`${name} ends`)),
      });
    },
    allowed: new AllowList(["file:///bank.js"], "/"),
    clock: new TestClock(),
    logger: noLogger,
    changed: () => undefined,
  });
  t.deepEqual(Object.keys(services.replicas()), ["own"]);
  await services.deploy(SPEC);
  t.deepEqual(Object.keys(services.replicas()), ["own", "bank"]);
  await services.replicas()["bank"]?.();
  t.deepEqual(log, ["bank begins", "bank ends", "bank begins"]);
  t.is(services.find("bank").state.at, "running");
  // Stopped, it is gone.
  await services.stop("bank");
  t.deepEqual(Object.keys(services.replicas()), ["own"]);
});
