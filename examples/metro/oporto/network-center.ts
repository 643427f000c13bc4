import { CosNaming } from "orbweaver/idl";
import { BAD_PARAM } from "orbweaver/orb";
import type { BeginningService, ServiceContext } from "orbweaver/services/peer";

import * as Metro from "../gen/Metro.ts";
import { NETWORK } from "../network.ts";
import { now } from "../station.ts";

/** Names of lines fetched at a time: there are five. */
const BATCH = 100;
const TIMEOUT_MS = 5_000;
const OPTIONS = { timeoutMs: TIMEOUT_MS } as const;

/**
 * The control center of the whole network: it knows the lines by their names, and passes on what concerns them. It keeps
 * nothing but who watches, so it may run on any peer.
 */
export class NetworkCenter extends Metro.ControlCenterSkeleton implements BeginningService {
  #naming: CosNaming.NamingContext | undefined;
  #orders = 0;
  #watchers = 0;
  /** By our number: what each line gave for it. */
  readonly #watching: Map<number, readonly (readonly [Metro.ControlCenter, number])[]> = new Map();

  _beginService({ naming }: ServiceContext): void {
    this.#naming = naming;
  }

  override _get_network(): string {
    return NETWORK;
  }

  override async stations(): Promise<Metro.Summaries> {
    const lines = await this.#lines();
    return (await Promise.all(lines.map((line) => line.stations(OPTIONS)))).flat();
  }

  override async find(code: string): Promise<Metro.Station | null> {
    return (await this.#homesOf([code]))[0]?.summary.where ?? null;
  }

  override async order(
    who: string,
    codes: Metro.Strings,
    what: Metro.Command,
  ): Promise<Metro.Receipt> {
    const homes = await this.#homesOf(codes);
    const byLine = new Map<Metro.ControlCenter, string[]>();
    for (const { line, summary } of homes)
      byLine.set(line, [...(byLine.get(line) ?? []), summary.code]);
    const receipts = await Promise.all(
      [...byLine].map(([line, own]) => line.order(who, own, what, OPTIONS)),
    );
    const stations = receipts.flatMap((receipt) => receipt.stations);
    return { number: ++this.#orders, at: now(), stations };
  }

  override async watch(
    listener: Metro.AlarmListener | null,
    least: Metro.Traffic,
  ): Promise<number> {
    if (listener === null) throw new BAD_PARAM("watch needs a listener, not nil");
    const lines = await this.#lines();
    const numbers = await Promise.all(
      lines.map(async (line) => [line, await line.watch(listener, least, OPTIONS)] as const),
    );
    this.#watching.set(++this.#watchers, numbers);
    return this.#watchers;
  }

  override async unwatch(number: number): Promise<void> {
    const numbers = this.#watching.get(number) ?? [];
    this.#watching.delete(number);
    // A line that is gone has forgotten by itself.
    await Promise.allSettled(numbers.map(([line, own]) => line.unwatch(own, OPTIONS)));
  }

  /** The controls of all lines that are bound now. */
  async #lines(): Promise<readonly Metro.ControlCenter[]> {
    const path = [
      { id: "metro", kind: "" },
      { id: "lines", kind: "" },
    ];
    const found = await this.#naming?.resolve(path, OPTIONS);
    const context = await CosNaming.NamingContext.narrow(found ?? null);
    if (context === null) return [];
    const { bl } = await context.list(BATCH, OPTIONS);
    return await Promise.all(
      bl.map(async ({ binding_name }) => {
        const object = await context.resolve(binding_name, OPTIONS);
        const line = await Metro.ControlCenter.narrow(object);
        if (line === null) throw new TypeError("a line is nil");
        return line;
      }),
    );
  }

  /** Stations with the controls of their lines; all of them where none is named. @throws Metro.UnknownStation */
  async #homesOf(
    codes: readonly string[],
  ): Promise<readonly { readonly line: Metro.ControlCenter; readonly summary: Metro.Summary }[]> {
    const lines = await this.#lines();
    const homes = await Promise.all(
      lines.map(async (line) =>
        (await line.stations(OPTIONS)).map((summary) => ({ line, summary })),
      ),
    );
    const all = homes.flat();
    if (codes.length === 0) return all;
    return codes.map((code) => {
      const home = all.find(({ summary }) => summary.code === code);
      if (home !== undefined) return home;
      throw new Metro.UnknownStation({ code, known: all.map(({ summary }) => summary.code) });
    });
  }
}
