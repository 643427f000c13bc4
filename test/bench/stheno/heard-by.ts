import type { LetterCarrier } from "../../../services/group-net/index.ts";

/** Tells of each letter that comes, before it is heard. */
export function heardBy(carrier: LetterCarrier, letter: () => void): LetterCarrier {
  return {
    get address() {
      return carrier.address;
    },
    send: (to, octets) => carrier.send(to, octets),
    beat: () => carrier.beat(),
    ask: (to) => carrier.ask(to),
    start: (ears) =>
      carrier.start({
        gone: (address) => ears.gone(address),
        patienceMs: (address) => ears.patienceMs?.(address) ?? 0,
        alive: (address, quietMs) => ears.alive(address, quietMs),
        heard: (from, octets) => {
          letter();
          ears.heard(from, octets);
        },
      }),
    [Symbol.asyncDispose]: () => carrier[Symbol.asyncDispose](),
  };
}
