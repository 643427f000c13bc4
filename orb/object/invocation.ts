import type { ClientFlow, ClientHook } from "../hook/index.ts";
import { Call } from "./call.ts";
import type { CallEnvironment } from "./call-environment.ts";
import { LOCATE } from "./implicit.ts";
import type { AnyOperation, InvokeOptions } from "./operation.ts";
import { ObjectReference } from "./reference.ts";
import type { Invoker, ReferenceCore } from "./reference-core.ts";

/** Messaging::SYNC_WITH_TRANSPORT: a oneway is done when the transport has it. */
const SYNC_WITH_TRANSPORT = 1;

/** What the hook does in a call; a LocateRequest is none. */
function hookedCall(
  hook: ClientHook,
  core: ReferenceCore,
  operation: AnyOperation,
  args: readonly unknown[],
): ClientFlow | undefined {
  if (operation === LOCATE) return undefined;
  return hook.begin({
    operation: operation.name,
    types: operation.types,
    args,
    isOneway: operation.oneway === true,
    syncScope: SYNC_WITH_TRANSPORT,
    target: () => new ObjectReference(core),
    policy: () => undefined,
  });
}

/** Makes calls. */
export class Invocations implements Invoker {
  readonly #environment: CallEnvironment;

  constructor(environment: CallEnvironment) {
    this.#environment = environment;
  }

  get owner(): object {
    return this.#environment.owner;
  }

  invoke(
    core: ReferenceCore,
    operation: AnyOperation,
    args: readonly unknown[],
    options: InvokeOptions | undefined,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const environment = this.#environment;
      environment.checkRunning();
      const hook = environment.hooks.client;
      const flow = hook === undefined ? undefined : hookedCall(hook, core, operation, args);
      new Call(environment, core, operation, args, options, flow, resolve, reject).start();
    });
  }
}
