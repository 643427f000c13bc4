// Our own server: one servant, as a user would write it.
import { ORB_init } from "orbweaver/orb";
import { ReflectorSkeleton } from "../gen/Bench.js";
import { transportOf } from "../transport.ts";

class Reflector extends ReflectorSkeleton {
  readonly #quit: () => void;

  constructor(quit: () => void) {
    super();
    this.#quit = quit;
  }

  echo(data: Uint8Array): Uint8Array {
    return data;
  }

  echo_string(s: string): string {
    return s;
  }

  quit(): void {
    this.#quit();
  }
}

const orb = await ORB_init([], { transport: transportOf(process.argv[2]) });
const quit = (): void => void orb.shutdown();
const id = orb.rootPOA.activate_object(new Reflector(quit));
orb.rootPOA.the_POAManager.activate();
process.stdout.write(`ready ${orb.object_to_string(orb.rootPOA.id_to_reference(id))}\n`);
process.stdin.resume().on("end", quit);
await orb.run();
await orb.destroy();
