// One replica of the station: replica.js PORT GROUP_PORT GROUP_PORT,GROUP_PORT,… of all.
import { ORB_init } from "../../../orb/index.ts";
import { openTcpCarrier, openGroupHost } from "../../../services/group-net/index.ts";
import { replicator } from "../../../services/replication/index.ts";
import { ReplicatedStation, Tower } from "./servants.ts";

const HOST = "127.0.0.1";
const GROUP = "alarms";
const READY_MS = 60_000;
/** A machine of two cores is late now and then; a dead process is told by the kernel. */
const TIMES = {
  heartbeatMs: 50,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 80 },
  patienceMs: 600,
  resendMs: 150,
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main([port = "0", groupPort = "0", all = ""]: readonly string[]): Promise<void> {
  const carrier = await openTcpCarrier({ host: HOST, port: Number(groupPort) });
  const host = openGroupHost({ carrier, site: groupPort });
  const addresses = all.split(",").map((each) => `${HOST}:${each}`);
  const groups = replicator({
    host,
    entry: { by: "list", addresses },
    details: { times: TIMES },
    joined: ({ group }) => {
      const tell = (): void => {
        const { standing, view } = group;
        say(`standing ${standing.at} ${view?.members.length ?? 0}`);
      };
      group.watch(tell);
    },
  });
  const orb = await ORB_init([], {
    config: { orb: { listen: [`iiop://${HOST}:${port}`] } },
    replicator: groups,
  });
  const poa = await orb.rootPOA.createPoa(GROUP, {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
    replication: { style: "semi-active", replicas: addresses.length, reads: ["sensors"] },
  });
  const tower = new Tower(orb);
  const parts = { station: new ReplicatedStation(tower), tower };
  for (const [id, servant] of Object.entries(parts))
    poa.activate_object_with_id(Buffer.from(id), servant);
  poa.the_POAManager.activate();
  await groups.ready(GROUP, AbortSignal.timeout(READY_MS));
  for (const id of Object.keys(parts))
    say(`${id} ${orb.object_to_string(poa.id_to_reference(Buffer.from(id)))}`);
  say("ready");
}

await main(process.argv.slice(2));
