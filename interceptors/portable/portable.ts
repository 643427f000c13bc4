import type { Hooks, Initializers, OrbInProgress } from "../../orb/hook/index.ts";
import type { Any } from "../../orb/index.ts";
import { ClientInterception } from "./client-flow.ts";
import { CodecFactory } from "./codec.ts";
import { InitInfo } from "./init-info.ts";
import type { Interceptor, ORBInitializer } from "./interceptor.ts";
import { IorInterception } from "./ior-flow.ts";
import type { Kit } from "./kit.ts";
import { PolicyFactories } from "./policies.ts";
import { ServerInterception } from "./server-flow.ts";
import { PICurrent } from "./slots.ts";

/**
 * Portable interceptors for an ORB: `ORB_init(args, { initializers: portable([{ pre_init, post_init }]) })`. All
 * `pre_init` are called in order while the ORB is made, then all `post_init` when it is. What one throws is what
 * `ORB_init` throws, and there is no ORB then. The ORB has the initial references `PICurrent` and `CodecFactory`.
 */
export function portable(initializers: readonly ORBInitializer[]): Initializers {
  return { begin: (orb) => begin(orb, initializers) };
}

function begin(orb: OrbInProgress, initializers: readonly ORBInitializer[]): Hooks {
  const current = new PICurrent();
  const policies = new PolicyFactories();
  const kit: Kit = { orb, current, policies, serverId: orb.serverId };
  const codecs = new CodecFactory(orb);
  const info = new InitInfo(kit, codecs);
  orb.register("PICurrent", current);
  orb.register("CodecFactory", codecs);
  for (const initializer of initializers) initializer.pre_init?.(info);
  info._step("post_init");
  const { _clients: clients, _servers: servers, _iors: iors } = info;
  return {
    client: clients.all.length === 0 ? undefined : new ClientInterception(kit, clients),
    server: servers.all.length === 0 ? undefined : new ServerInterception(kit, servers),
    ior: iors.length === 0 ? undefined : new IorInterception(kit, iors),
    hasPolicy: (type) => policies.has(type),
    policy: (type, value) => policies.create(type, value as Any),
    complete: async () => {
      for (const initializer of initializers) await initializer.post_init?.(info);
      info._step("over");
      current._ready();
    },
    destroy: () => {
      for (const interceptor of [...clients.all, ...servers.all, ...iors])
        destroy(interceptor, kit);
    },
  };
}

// One that throws must not keep the others from hearing of it.
function destroy(interceptor: Interceptor, { orb }: Kit): void {
  try {
    interceptor.destroy?.();
  } catch (error) {
    orb.warn(`interceptor "${interceptor.name}" threw in destroy`, error);
  }
}
