// A replica of an object, for tests of redirection: PROCESS PROCESSOR OBJECT LOAD MANAGER LIFE-SOCKET. Its `echo` gives
// the process's name; "crash PROCESS" ends that one in the middle of the call. It prints its reference when registered.
import { ORB_init } from "../../../orb/index.ts";
import { Flare, Life } from "../../../services/monitor/index.ts";
import { Sample } from "../sample.ts";

const [name = "", processor = "", object_id = "", load = "0", manager = "", socket = ""] =
  process.argv.slice(2);

class Replica extends Sample {
  override echo(text: string): string {
    if (text === `crash ${name}`) process.kill(process.pid, "SIGKILL");
    return name;
  }
}

const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
const replica = await orb.rootPOA.activate(new Replica());
orb.rootPOA.the_POAManager.activate();
await Life.begin({ process: name, socket });
const managing = Flare.ReplicationManager.uncheckedNarrow(await orb.string_to_object(manager));
await managing?.register_replica({
  object_id,
  process: name,
  processor,
  load: Number(load),
  replica,
});
process.stdout.write(`${orb.object_to_string(replica)}\nready\n`);
process.stdin.on("end", () => process.exit()).resume();
