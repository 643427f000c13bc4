import test from "ava";
import { Qos } from "../../../services/admission/index.ts";
import { type Reserved, reserveReplica } from "../../../services/peer-groups/index.ts";

/** As the daemon counts percent: what is asked for is given while it is there. */
class Percent {
  free = 100;
  readonly held: string[] = [];

  reserve({ name, cpu_percent: asked }: Qos.LaneDemand): Promise<Reserved> {
    const { free } = this;
    if (asked > free) {
      const reason = `${asked} % were asked for, ${free} % are free`;
      const lacking = [{ resource: "cpu percent", asked, free, unit: "%", reason }];
      return Promise.reject(new Qos.Refused({ reason, lacking }));
    }
    this.free -= asked;
    this.held.push(name);
    const release = (): Promise<void> => {
      this.free += asked;
      this.held.splice(this.held.indexOf(name), 1);
      return Promise.resolve();
    };
    return Promise.resolve({ path: `/services/${name}`, release });
  }
}

test("a replica is admitted with its group, and what it had is free when it goes", async (t) => {
  const host = new Percent();
  const one = await reserveReplica("bank/north", { cpuPercent: 50, groupPercent: 20 }, host);
  t.deepEqual(host.held, ["bank_north", "bank_north.group"]);
  t.is(one.path, "/services/bank_north, /services/bank_north.group");
  t.is(host.free, 30);
  await one.release();
  t.is(host.free, 100);
});

test("without room for its group the service is not admitted either, and is told what is free", async (t) => {
  const host = new Percent();
  const tried = reserveReplica("bank", { cpuPercent: 90, groupPercent: 20 }, host);
  const error = await t.throwsAsync(tried, { instanceOf: Qos.Refused });
  t.is(error?.reason, "20 % were asked for, 10 % are free");
  t.deepEqual(host.held, []);
});

test("what the service had is given back also where what its group had cannot be", async (t) => {
  const host = new Percent();
  const broken = {
    reserve: async (demand: Qos.LaneDemand): Promise<Reserved> => {
      const reserved = await host.reserve(demand);
      const release = (): Promise<void> => Promise.reject(new Error("the daemon is gone"));
      return demand.name.endsWith(".group") ? { ...reserved, release } : reserved;
    },
  };
  const one = await reserveReplica("bank", { cpuPercent: 50, groupPercent: 20 }, broken);
  await t.throwsAsync(one.release(), { message: "the daemon is gone" });
  t.deepEqual(host.held, ["bank.group"]);
});
