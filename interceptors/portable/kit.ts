import type { IOP, PortableInterceptor } from "../../idl/index.ts";
import type { OrbInProgress } from "../../orb/hook/index.ts";
import { INV_OBJREF, MINOR, NO_IMPLEMENT, type ObjectReference } from "../../orb/index.ts";
import type { PolicyFactories } from "./policies.ts";
import type { PICurrent } from "./slots.ts";

/** What all that looks at one ORB shares. */
export interface Kit {
  readonly orb: OrbInProgress;
  readonly current: PICurrent;
  readonly policies: PolicyFactories;
  /** Tells this ORB's process from others, in ServerRequestInfo and object reference templates. */
  readonly serverId: string;
}

/** PortableInterceptor::ReplyStatus. */
export const STATUS = {
  successful: 0,
  systemException: 1,
  userException: 2,
  locationForward: 3,
  transportRetry: 4,
} as const;

/** What an interception point threw. */
export interface Thrown {
  readonly thrown: unknown;
}

/**
 * Runs an interception point in slots of its own, so that what it sets there is for the calls it makes itself.
 * Points are synchronous: a promise is refused, for nobody would wait for it.
 */
export function runPoint<Info>(
  { current }: Kit,
  interceptor: { readonly name: string },
  point: string,
  info: Info,
): Thrown | undefined {
  const points = interceptor as unknown as Readonly<
    Record<string, ((info: Info) => unknown) | undefined>
  >;
  if (points[point] === undefined) return undefined;
  try {
    const result = current._isUsed
      ? current._run([], () => points[point]?.(info))
      : points[point]?.(info);
    if (result !== undefined) refusePromise(result, interceptor.name, point);
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

function refusePromise(result: unknown, name: string, point: string): void {
  if (!(result instanceof Promise)) return;
  result.catch(() => undefined);
  const text = `interceptor "${name}": ${point} returned a promise, and nobody waits for it: interception points are synchronous`;
  throw new NO_IMPLEMENT(text, MINOR.none);
}

/** Where a ForwardRequest sends a call. @throws INV_OBJREF for nil */
export function forwardOf(
  { orb }: Kit,
  { forward }: PortableInterceptor.ForwardRequest,
): ReturnType<OrbInProgress["iorOf"]> {
  if (forward === null) throw new INV_OBJREF("an interceptor forwarded to nil", MINOR.none);
  return orb.iorOf(forward);
}

/** The profile as OMG has it, its octets a copy. */
export function profileOf({
  tag,
  data,
}: {
  readonly tag: number;
  readonly data: Uint8Array;
}): IOP.TaggedProfile {
  return { tag, profile_data: data.slice() };
}

/** A reference from where it leads. */
export function referenceTo(
  { orb }: Kit,
  ior: Parameters<OrbInProgress["reference"]>[0],
): ObjectReference {
  return orb.reference(ior) as ObjectReference;
}
