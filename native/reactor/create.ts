import { Engine } from "./engine.ts";
import type { ReactorOptions, SetOption } from "./port.ts";
import type { RawReactor } from "./raw.ts";
import { type ReactorTransport, Sockets } from "./transport.ts";

/** One per thread: two would each sleep without looking at the other's sockets. */
const ENGINES: WeakMap<RawReactor, Engine> = new WeakMap();

/** A transport of this thread's reactor, with options of its own. @throws NativeError without an epoll set */
export function createReactor(
  raw: RawReactor,
  setOption: SetOption,
  options: ReactorOptions = {},
): ReactorTransport {
  let engine = ENGINES.get(raw);
  if (engine === undefined) {
    engine = new Engine(raw, setOption);
    ENGINES.set(raw, engine);
  }
  const sockets = new Sockets(engine, options);
  return {
    connect: (to, signal) => sockets.connect(to, signal),
    listen: (at, accept) => sockets.listen(at, accept),
  };
}
