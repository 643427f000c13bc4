import type { Transport } from "../../../orb/index.ts";

/** A transport whose connections can be cut, in the order in which they were opened: neither side says why. */
export interface Cuttable {
  readonly transport: Transport;
  readonly cuts: readonly (() => void)[];
}

export function cuttable(through: Transport): Cuttable {
  const cuts: (() => void)[] = [];
  const transport: Transport = {
    connect: async (to, signal) => {
      const channel = await through.connect(to, signal);
      cuts.push(() => channel.destroy());
      return channel;
    },
    listen: (at, accept) => through.listen(at, accept),
  };
  return { transport, cuts };
}
