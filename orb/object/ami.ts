import { ExceptionHolder, holderOf } from "../messaging/index.ts";
import type { ClientOperation, InvokeOptions, Raises } from "../call/index.ts";
import type { ObjectReference } from "./reference.ts";

/**
 * Calls an operation whose answer goes to a reply handler, wherever that is: what `sendc_` methods do (CORBA 3.3
 * Part 1, 17.6). A handler that cannot be told is logged: nobody waits.
 */
export function sendc<A extends readonly unknown[], R, H>(
  target: ObjectReference,
  operation: ClientOperation<A, R>,
  args: A,
  handler: H | null,
  reply: (handler: H, result: R) => Promise<unknown>,
  failed: (handler: H, holder: ExceptionHolder) => Promise<unknown>,
  options?: InvokeOptions,
): void {
  const { invoker } = target._core;
  const called = invoker.invoke(target._core, operation, args, options) as Promise<R>;
  const told =
    handler === null
      ? called
      : called.then(
          (result) => reply(handler, result),
          (error: unknown) => failed(handler, holderOf(error, operation.raises?.() ?? [])),
        );
  told.catch((error: unknown) => {
    invoker.log.warn("nobody was told how an asynchronous call ended", {
      operation: operation.name,
      error,
    });
  });
}

/** A holder that can raise the exceptions of its operation. */
export function holding<T>(holder: T, raises: readonly Raises[]): T {
  if (holder instanceof ExceptionHolder) holder._knows(raises);
  return holder;
}
