import type { LetterCarrier } from "../../../services/group-net/index.ts";

/** Tells of each letter that comes, before it is heard, and of each host that is gone, afterwards. */
export function heardBy(
  carrier: LetterCarrier,
  { letter, gone }: { readonly letter: () => void; readonly gone: () => void },
): LetterCarrier {
  return {
    get address() {
      return carrier.address;
    },
    send: (to, octets) => carrier.send(to, octets),
    start: (ears) =>
      carrier.start({
        gone: (address) => {
          ears.gone(address);
          gone();
        },
        heard: (from, octets) => {
          letter();
          ears.heard(from, octets);
        },
      }),
    [Symbol.asyncDispose]: () => carrier[Symbol.asyncDispose](),
  };
}
