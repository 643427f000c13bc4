import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReplicationOptions } from "../../../orb/index.ts";
import { Talk, TestProcess } from "../../support/process.ts";

const REPLICA = fileURLToPath(new URL("./replica.js", import.meta.url));

/** One replica, at an address that nobody else has: who comes back takes the same port. */
export interface Replica extends Talk {
  readonly endpoint: string;
  readonly hostAddress: string;
  ior: string;
}

/** Processes of a replicated counter, and where each of them is reached over its restarts. */
export class Replicas implements AsyncDisposable {
  readonly #policy: ReplicationOptions;
  /** Of a durable group: what a replica has stored is there when it comes back. */
  #folder: string | undefined;
  readonly all: Replica[] = [];

  constructor(policy: ReplicationOptions) {
    this.#policy = policy;
  }

  /** Begins the group. @param endpoints of their ORBs */
  async found(endpoints: readonly string[]): Promise<void> {
    if (this.#policy.durable === true) this.#folder = await mkdtemp(join(tmpdir(), "replicas-"));
    const started = await Promise.all(endpoints.map((endpoint) => this.#start(endpoint)));
    this.all.push(...started);
    const addresses = started.map(({ hostAddress }) => hostAddress).join(" ");
    await Promise.all(started.map((one) => this.#ready(one, `join ${addresses}`)));
  }

  /** As it was last told. */
  get ior(): string {
    return this.all[0]?.ior ?? "";
  }

  /** The replica that says that it is primary. */
  async primary(): Promise<Replica> {
    for (;;) {
      const stands = this.all.filter(({ process }) => {
        const said = [...process.output.matchAll(/^stands (\w+) /gm)].at(-1);
        return said?.[1] === "primary";
      });
      const [one] = stands;
      if (one !== undefined && stands.length === 1) return one;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async kill(replica: Replica): Promise<void> {
    this.all.splice(this.all.indexOf(replica), 1);
    replica.process.kill("SIGKILL");
    await replica.process.ended();
  }

  /** A replica that is gone comes back at the same addresses, and is in the group when this returns. */
  async comeBack({ endpoint, hostAddress }: Replica): Promise<Replica> {
    const one = await this.#start(endpoint, hostAddress.slice(hostAddress.lastIndexOf(":") + 1));
    const contacts = this.all.map(({ hostAddress }) => hostAddress).join(" ");
    await this.#ready(one, `come ${contacts}`);
    this.all.push(one);
    return one;
  }

  /** Takes a replica out without a client noticing. @returns requests that it answered with another's address */
  async retire(replica: Replica): Promise<number> {
    this.all.splice(this.all.indexOf(replica), 1);
    const [, sent = ""] = await replica.say("retire", /retired (\d+)\n/);
    await replica[Symbol.asyncDispose]();
    return Number(sent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((one) => one[Symbol.asyncDispose]()));
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(endpoint: string, hostPort: string = "0"): Promise<Replica> {
    const args = [REPLICA, endpoint, hostPort, JSON.stringify(this.#policy)];
    if (this.#folder !== undefined) args.push(join(this.#folder, new URL(endpoint).host));
    const talk = new Talk(new TestProcess(process.execPath, args));
    const [, hostAddress = ""] = await talk.hear(/host (\S+)\n/);
    return Object.assign(talk, { endpoint, hostAddress, ior: "" });
  }

  async #ready(replica: Replica, order: string): Promise<void> {
    [, replica.ior = ""] = await replica.say(order, /ready (IOR:[0-9a-f]+)\n/);
  }
}
