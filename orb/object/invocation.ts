import { Call } from "./call.ts";
import type { CallEnvironment } from "./call-environment.ts";
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
      this.#environment.checkRunning();
      new Call(this.#environment, core, operation, args, options, resolve, reject).start();
    });
  }
}
