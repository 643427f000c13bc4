import type { ClientFlow, ClientHook } from "../hook/index.ts";
import { LOCATE } from "./implicit.ts";
import type { AnyOperation } from "./operation.ts";
import { ObjectReference } from "./reference.ts";
import type { ReferenceCore } from "./reference-core.ts";

/** Messaging::SYNC_WITH_TRANSPORT: a oneway is done when the transport has it. */
const SYNC_WITH_TRANSPORT = 1;

/** What the hook does in a call; a LocateRequest is none. */
export function hookedCall(
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
