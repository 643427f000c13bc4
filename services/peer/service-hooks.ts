import type { Logger } from "../../orb/base/index.ts";
import type { ObjectReference, ORB, RTPOA, Servant } from "../../orb/index.ts";
import type { Discovery } from "../overlay/index.ts";
import type { CosNaming } from "../../idl/index.ts";

/** What a service in the main thread is given when it begins. */
export interface ServiceContext {
  /** Of the service, and of its peer. */
  readonly name: string;
  readonly peer: string;
  readonly orb: ORB;
  /** The adapter that its object is in: others of its own may be made beneath. */
  readonly poa: RTPOA;
  readonly reference: ObjectReference;
  /** The peer's naming service; undefined where it has none. */
  readonly naming: CosNaming.NamingContext | undefined;
  /** The peer's discovery; undefined where it is in no overlay. */
  readonly discovery: Discovery | undefined;
  readonly logger: Logger;
}

/**
 * A servant that wants to know where it lives: the method is called, and waited for, before its service is made known.
 * At the end `[Symbol.asyncDispose]` is called, or `[Symbol.dispose]`. Servants in lanes have neither: nothing but plain
 * data goes to other threads.
 */
export interface BeginningService {
  /** Begins with `_`, as nothing does that IDL declares. */
  _beginService(context: ServiceContext): void | Promise<void>;
}

const BEGIN: keyof BeginningService = "_beginService";

function methodOf(
  servant: Servant,
  name: symbol | string,
): ((...args: unknown[]) => unknown) | undefined {
  const method = (servant as unknown as Readonly<Record<symbol | string, unknown>>)[name];
  return typeof method === "function"
    ? (method.bind(servant) as (...args: unknown[]) => unknown)
    : undefined;
}

/** @throws what the servant throws */
export async function beginService(servant: Servant, context: ServiceContext): Promise<void> {
  await methodOf(servant, BEGIN)?.(context);
}

/** @throws what the servant throws */
export async function endService(servant: Servant): Promise<void> {
  const end = methodOf(servant, Symbol.asyncDispose) ?? methodOf(servant, Symbol.dispose);
  await end?.();
}
