import { ChaosError, TcpProxy } from "../../chaos/index.ts";
import type { LinkWish } from "./wish.ts";

/** Host and port, IPv6 in brackets. */
function placeText(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A link at work. */
export interface OpenLink {
  readonly name: string;
  readonly target: TcpProxy;
}

/** Links that are open, closed together. */
export class Links implements AsyncDisposable {
  readonly open: OpenLink[] = [];

  /** @throws ChaosError for a port that cannot be had */
  static async open(wishes: readonly LinkWish[]): Promise<Links> {
    const links = new Links();
    try {
      for (const wish of wishes) links.open.push(await links.#one(wish));
      return links;
    } catch (thrown) {
      await links[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.open.map(({ target }) => target[Symbol.asyncDispose]()));
  }

  async #one({ host, port, toHost, toPort }: LinkWish): Promise<OpenLink> {
    try {
      const target = await TcpProxy.open(host, port, toPort, toHost);
      return { name: `${placeText(host, target.port)}=${placeText(toHost, toPort)}`, target };
    } catch (cause) {
      throw new ChaosError(
        `${placeText(host, port)} cannot be listened at: ${(cause as Error).message}`,
        { cause },
      );
    }
  }
}
