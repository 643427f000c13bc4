import test from "ava";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { Transport } from "../../../orb/transport/index.ts";
import { complies, socketPath } from "./suite.ts";

/** The reactor of this thread; the addon must be built, `npm run build:native` does it. */
function reactor(): Transport {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor() satisfies Transport;
}

complies(test, "reactor, TCP", {
  transport: reactor,
  place: async () => ({ host: "127.0.0.1", port: 0 }),
  sockets: "tcp",
});

complies(test, "reactor, UNIX", {
  transport: reactor,
  place: async (t) => ({ host: "", port: 0, path: await socketPath(t) }),
  sockets: "unix",
});
