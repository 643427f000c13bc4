import type { Channel, Endpoint, Transport } from "../../orb/index.ts";

/** A transport to nowhere: connects never end until they are given up, as with a black-holed address. */
export class BlackHole implements Transport {
  connecting = 0;
  givenUp = 0;

  connect(_to: Endpoint, signal: AbortSignal): Promise<Channel> {
    this.connecting++;
    return new Promise((_resolve, reject) => {
      signal.addEventListener(
        "abort",
        () => {
          this.givenUp++;
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
  }

  listen(at: Endpoint): ReturnType<Transport["listen"]> {
    return Promise.resolve({
      endpoint: at,
      close: () => Promise.resolve(),
      ref: () => undefined,
      unref: () => undefined,
    });
  }
}
