import { type Operation, ReferenceCore } from "../call/index.ts";
import { INV_POLICY, NO_RESOURCES, SystemException } from "../exception/index.ts";
import type { CallAddress, ConnectionWatch, WatchedConnection } from "../hook/index.ts";
import { BIND_BAND } from "./contexts.ts";

const BIND: Operation<never, readonly [], void> = {
  name: BIND_BAND,
  writeArguments: () => undefined,
  readArguments: () => [],
  writeResult: () => undefined,
  readResult: () => undefined,
  upcall: () => undefined,
};

/**
 * Tells servers which priorities a banded connection is for, once a connection and ahead of its first call, as the
 * standard has it (RT-CORBA 1.2, 5.13). Servers that know nothing of it, as TAO's, raise BAD_OPERATION, which means nothing.
 * The first call does not wait for the answer; calls behind a refusal raise it.
 */
export class BandBinding implements ConnectionWatch {
  /** By place and tag: undefined where nobody refused. */
  readonly #told = new Map<string, SystemException | undefined>();

  broken({ route }: WatchedConnection): void {
    this.#told.delete(keyOf(route));
  }

  /**
   * @param reference of the call that goes there
   * @throws INV_POLICY or NO_RESOURCES when the server refused the band
   */
  bind(reference: object, at: CallAddress): void {
    const key = keyOf(at);
    const refusal = this.#told.get(key);
    if (refusal !== undefined) throw refusal;
    if (this.#told.has(key) || !(reference instanceof ReferenceCore)) return;
    this.#told.set(key, undefined);
    const answered = reference.invoker.invoke(reference, BIND, [], undefined);
    answered.then(undefined, (error: unknown) => this.#failed(key, error));
  }

  #failed(key: string, error: unknown): void {
    if (error instanceof INV_POLICY || error instanceof NO_RESOURCES) this.#told.set(key, error);
  }
}

function keyOf({ place, tag }: { readonly place: string; readonly tag: string }): string {
  return `${place} ${tag}`;
}
