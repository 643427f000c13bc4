import { spawn } from "node:child_process";
import { once } from "node:events";
import { Monitor } from "../../../services/monitor/index.ts";
import { type Block, blockOf, type Row, rowOf } from "../block.ts";
import { median } from "../samples.ts";
import type { TransportName } from "../transport.ts";
import { Testbed } from "./flare-testbed.ts";

/** Milliseconds within which a monitor is to know of a death. */
const WANTED_MS = 10;
/** Not counted: what tells of a death is compiled by the first ones. */
const WARM_UPS = 3;
/** Connects to the monitor with what every language has. */
const PLAIN = `
  const socket = require("node:net").connect(process.argv[1]);
  socket.write("process " + process.argv[2] + "\\n");
  process.stdin.on("end", () => process.exit()).resume();
`;

/** How long it takes from a SIGKILL until an observer of the monitor has heard of it. */
export async function deaths(
  transport: TransportName,
  count: number,
  print: (line: string) => void,
): Promise<Row[]> {
  await using bed = await Testbed.open(transport);
  const { monitor } = await bed.processor("n1");
  await using client = await bed.client("none");
  let heard: ((report: Monitor.Report) => void) | undefined;
  class Observer extends Monitor.ObserverSkeleton {
    observe(report: Monitor.Report): void {
      heard?.(report);
    }
  }
  const { rootPOA } = client.orb;
  rootPOA.the_POAManager.activate();
  await monitor.root.subscribe(
    Monitor.Observer.uncheckedNarrow(await rootPOA.activate(new Observer())),
  );
  const until = (isIt: (report: Monitor.Report) => boolean): Promise<void> =>
    new Promise((resolve) => {
      heard = (report) => {
        if (isIt(report)) resolve();
      };
    });
  const ms: number[] = [];
  for (let i = -WARM_UPS; i < count; i++) {
    const name = `p${i}`;
    const came = until(({ processes }) => processes.some((each) => each.name === name));
    const child = spawn(process.execPath, ["-e", PLAIN, monitor.socket, name]);
    await came;
    const died = until(({ gone }) => gone.includes(name));
    const ended = once(child, "close");
    const begun = performance.now();
    child.kill("SIGKILL");
    await died;
    if (i >= 0) ms.push(performance.now() - begun);
    await ended;
  }
  print(
    `\ndeath of a process, from SIGKILL to the observer of its monitor, ${count} times: p50 ${median(ms).toFixed(2)} ms, ` +
      `most ${Math.max(...ms).toFixed(2)} ms [at most ${WANTED_MS}]`,
  );
  const block: Block = blockOf(
    Float64Array.from(ms, (each) => each * 1_000),
    1,
  );
  return [rowOf("flare death of a process", [block], "p50")];
}
