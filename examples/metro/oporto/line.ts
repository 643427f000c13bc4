import { CosNaming } from "orbweaver/idl";
import type { RTPOA } from "orbweaver/orb";
import type { BeginningService, ServiceContext } from "orbweaver/services/peer";

import { ControlCenter, type Managed } from "../center.ts";
import { stationsOf } from "../network.ts";
import { openStations } from "../stations.ts";
import { Watchers } from "../watchers.ts";

/** Milliseconds for one name: all peers may be starting on a small machine. */
const NAME_TIMEOUT_MS = 15_000;

/** The control of one line, and with it its stations and their displays: a service of a peer. */
export class Line extends ControlCenter implements BeginningService {
  readonly #line: string;
  readonly #most: number | undefined;
  readonly #managed: Map<string, Managed>;
  readonly #watchers: Watchers;
  #naming: CosNaming.NamingContext | undefined;
  /** Adapter of its stations. */
  #stations: RTPOA | undefined;

  /**
   * @param line `A` to `E`
   * @param most how many of its stations; all where absent
   */
  constructor(line: string, most?: number) {
    const managed = new Map<string, Managed>();
    const watchers = new Watchers(() => undefined);
    super(managed, watchers);
    this.#line = line;
    this.#most = most;
    this.#managed = managed;
    this.#watchers = watchers;
  }

  /** The peer is there: stations get their objects and their names. */
  async _beginService({ poa, naming, logger }: ServiceContext): Promise<void> {
    this.#stations = await poa.createPoa(this.#line, {});
    const stations = await openStations(
      this.#stations,
      stationsOf(this.#line, this.#most),
      this.#watchers,
    );
    for (const [code, managed] of stations) this.#managed.set(code, managed);
    this.#naming = naming;
    await ensure(naming, ["metro", "stations"]);
    for (const [code, { reference }] of stations)
      await naming?.rebind(nameOf(code), reference, { timeoutMs: NAME_TIMEOUT_MS });
    logger.info(`line ${this.#line}: ${stations.size} stations`);
  }

  /** Called when a start fails, too, and is tried again: all of it goes, whatever of it can be told to the names. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watchers.close(`line ${this.#line} shuts down`);
    await Promise.allSettled(
      [...this.#managed.keys()].map(async (code) => {
        await this.#naming?.unbind(nameOf(code), { timeoutMs: NAME_TIMEOUT_MS });
      }),
    );
    await this.#stations?.destroy(true, true);
  }
}

function nameOf(code: string): CosNaming.Name {
  return [
    { id: "metro", kind: "" },
    { id: "stations", kind: "" },
    { id: code, kind: "station" },
  ];
}

/** Makes the contexts of a path that are not there. */
async function ensure(
  naming: CosNaming.NamingContext | undefined,
  path: readonly string[],
): Promise<void> {
  for (let length = 1; length <= path.length; length++) {
    try {
      const name = path.slice(0, length).map((id) => ({ id, kind: "" }));
      await naming?.bind_new_context(name, { timeoutMs: NAME_TIMEOUT_MS });
    } catch (thrown) {
      if (!(thrown instanceof CosNaming.NamingContext.AlreadyBound)) throw thrown;
    }
  }
}
