import { fileURLToPath } from "node:url";
import { CosNaming } from "../../../idl/index.ts";
import { type ORB, ORB_init } from "../../../orb/index.ts";
import { Reflector } from "../gen/Bench.ts";
import { outlived, Program } from "../program.ts";
import { type TransportName, transportOf } from "../transport.ts";

/** Milliseconds a process may take to say what is awaited. */
const HEAR_MS = 30_000;
const HOST = "127.0.0.1";
/** Of an ORB of a replica before it counts: as of a server that has worked for a second, which V8 has compiled. */
const WARM_CONNECTIONS = 10;
const WARM_CALLS = 1_000;
/** Questions to the naming service before it counts. */
const WARM_QUESTIONS = 2_000;
const NOTHING = new Uint8Array(64);

/** The ORBs of a replica, in the order in which it prints their ports. */
export type Which = "plain" | "message" | "forward";
const ORDER: readonly Which[] = ["plain", "message", "forward"];

const path = (name: string): string => fileURLToPath(new URL(`./mead-${name}.js`, import.meta.url));

/** One replica, a process. */
export class Replica implements AsyncDisposable {
  readonly #program: Program;
  readonly #ports: readonly number[];

  private constructor(program: Program, ports: readonly number[]) {
    this.#program = program;
    this.#ports = ports;
  }

  static async start(transport: TransportName): Promise<Replica> {
    const program = new Program(outlived([process.execPath, path("replica"), transport]));
    const ports = await program.hear("ready", HEAR_MS);
    return new Replica(program, ports.split(" ").map(Number));
  }

  port(which: Which): number {
    return this.#ports[ORDER.indexOf(which)] ?? 0;
  }

  address(which: Which): { readonly host: string; readonly port_number: number } {
    return { host: HOST, port_number: this.port(which) };
  }

  /** In its so manieth call from now its clients are to leave. */
  async move(inCalls: number, which: Which, to: readonly Replica[]): Promise<void> {
    await this.#ask(`move ${inCalls} ${which} ${to.map((other) => other.port(which)).join(" ")}`);
  }

  /** Its clients may stay, and know where to go when it is gone. */
  async know(which: Which, others: readonly Replica[]): Promise<void> {
    await this.#ask(`know ${which} ${others.map((other) => other.port(which)).join(" ")}`);
  }

  /** In its so manieth call from now. */
  async die(inCalls: number): Promise<void> {
    await this.#ask(`die ${inCalls}`);
  }

  /** What is warm is compiled; from now on nothing is. */
  async settle(): Promise<void> {
    await this.#ask("settle");
  }

  async #ask(line: string): Promise<void> {
    this.#program.say(line);
    await this.#program.hear("done", HEAR_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

/** Three replicas and a naming service that knows them, all processes. */
export class Replicas implements AsyncDisposable {
  readonly #names: Program;
  readonly #orb: ORB;
  readonly #root: CosNaming.NamingContext;
  /** Of all processes, and of who calls them. */
  readonly transport: TransportName;
  readonly namingUrl: string;
  /** The ORBs that are called. */
  readonly #called: readonly Which[];
  readonly all: Replica[] = [];
  #isSettled = false;

  private constructor(
    transport: TransportName,
    names: Program,
    orb: ORB,
    url: string,
    root: CosNaming.NamingContext,
    called: readonly Which[],
  ) {
    this.transport = transport;
    this.#called = called;
    this.#names = names;
    this.#orb = orb;
    this.namingUrl = url;
    this.#root = root;
  }

  /** @param called the ORBs of each that are called */
  static async start(
    count: number,
    transport: TransportName,
    called: readonly Which[] = ORDER,
  ): Promise<Replicas> {
    const names = new Program([process.execPath, path("names"), transport]);
    const url = `corbaloc::${HOST}:${await names.hear("ready", HEAR_MS)}/NameService`;
    const orb = await caller(transport);
    const root = CosNaming.NamingContext.uncheckedNarrow(await orb.string_to_object(url));
    if (root === null) throw new TypeError("no naming service");
    const replicas = new Replicas(transport, names, orb, url, root, called);
    for (let i = 0; i < count; i++) await replicas.replace(i);
    for (let i = 0; i < WARM_QUESTIONS; i++)
      await root.resolve([{ id: `replica${i % count}`, kind: "" }]);
    return replicas;
  }

  /** All know each other, in the order in which their clients will leave them. */
  async introduce(which: Which): Promise<void> {
    for (const [i, one] of this.all.entries())
      await one.know(which, [...this.all.slice(i + 1), ...this.all.slice(0, i)]);
  }

  /** Starts another process in the place of one, at other ports, and binds its name. */
  async replace(i: number): Promise<void> {
    await this.all[i]?.[Symbol.asyncDispose]();
    const replica = await Replica.start(this.transport);
    this.all[i] = replica;
    for (const which of this.#called) await warm(urlOf(replica, which), this.transport);
    if (this.#isSettled) await replica.settle();
    const reference = await this.#orb.string_to_object(urlOf(replica, "plain"));
    await this.#root.rebind([{ id: `replica${i}`, kind: "" }], reference);
  }

  /** All have done what is measured often enough to be warm, and those that will replace them are warmed by calls. */
  async settle(): Promise<void> {
    this.#isSettled = true;
    for (const one of this.all) await one.settle();
    this.#names.say("settle");
    await this.#names.hear("done", HEAR_MS);
  }

  at(i: number): Replica {
    const replica = this.all[i % this.all.length];
    if (replica === undefined) throw new RangeError(`no replica ${i}`);
    return replica;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orb.destroy();
    for (const replica of this.all) await replica[Symbol.asyncDispose]();
    await this.#names[Symbol.asyncDispose]();
  }
}

const urlOf = (replica: Replica, which: Which): string =>
  `corbaloc:iiop:1.2@${HOST}:${replica.port(which)}/echo`;

/** An ORB that only calls. */
const caller = (transport: TransportName): Promise<ORB> =>
  ORB_init([], { config: { orb: { listen: [] } }, transport: transportOf(transport) });

/** What a process runs for the first time is not yet compiled, and that is not what is measured. */
async function warm(url: string, transport: TransportName): Promise<void> {
  for (let connection = 0; connection < WARM_CONNECTIONS; connection++) {
    await using orb = await caller(transport);
    const reflector = Reflector.uncheckedNarrow(await orb.string_to_object(url));
    for (let i = 0; i < WARM_CALLS; i++) await reflector?.echo(NOTHING);
  }
}
