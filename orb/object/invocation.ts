import { Call } from "./call.ts";
import type { CallEnvironment } from "./call-environment.ts";
import { hookedCall } from "./hooked-call.ts";
import type { AnyOperation, InvokeOptions } from "./operation.ts";
import type { Invoker, ReferenceCore } from "./reference-core.ts";

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
