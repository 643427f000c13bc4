import { inspect } from "node:util";
import {
  type CompletionStatus,
  type ORB,
  type ObjectReference,
  SystemException,
} from "../../../orb/index.ts";
import type * as Interop from "../gen/Interop.ts";
import { sameValue } from "../samples.ts";

/** Whom checks talk to. */
export interface Peer {
  readonly orb: ORB;
  readonly root: Interop.Root;
}

/** Checks by name; the same names as in cpp/checks-*.cc do the same. */
export type Checks = Readonly<Record<string, (peer: Peer) => Promise<void>>>;

function shown(value: unknown): string {
  return inspect(value, {
    depth: 4,
    breakLength: Infinity,
    maxArrayLength: 8,
    maxStringLength: 60,
  });
}

export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Both are the same, negative zero and NaN told apart, TypeCodes and references by what they mean. */
export function expectSame(got: unknown, wanted: unknown, what: string): void {
  if (!sameValue(got, wanted))
    throw new Error(`${what}: got ${shown(got)}, wanted ${shown(wanted)}`);
}

/** The call fails with an instance of `type`, which is given back. */
export async function expectThrow<E extends Error>(
  type: abstract new (...args: never[]) => E,
  call: () => Promise<unknown>,
  what: string,
): Promise<E> {
  let result: unknown;
  try {
    result = await call();
  } catch (thrown) {
    if (thrown instanceof type) return thrown;
    const text = `${what}: ended in ${describe(thrown)}, wanted ${type.name}`;
    throw new Error(text, { cause: thrown });
  }
  throw new Error(`${what}: no ${type.name}, but ${shown(result)}`);
}

export async function expectSystem(
  name: string,
  minor: number,
  completed: CompletionStatus,
  call: () => Promise<unknown>,
): Promise<void> {
  const thrown = await expectThrow(SystemException, call, name);
  if (thrown.name === name && thrown.minor === minor && thrown.completed === completed) return;
  const wanted = `${name} minor 0x${minor.toString(16)} ${completed}`;
  throw new Error(`ended in ${describe(thrown)}, wanted ${wanted}`);
}

/** What was thrown, in one line. */
export function describe(thrown: unknown): string {
  if (!(thrown instanceof SystemException)) return String(thrown);
  return `${thrown.name} minor 0x${thrown.minor.toString(16)} ${thrown.completed}: ${thrown.message}`;
}

/** A reference that is not nil. */
export function given<T>(reference: T | null): T {
  if (reference === null) throw new Error("a nil reference");
  return reference;
}

/** The same reference without its type id, so that each question goes to the object. */
export async function withoutType(
  peer: Peer,
  reference: ObjectReference,
): Promise<ObjectReference> {
  const octets = Buffer.from(peer.orb.object_to_string(reference).slice(4), "hex");
  const isLittle = octets[0] === 1;
  const length = isLittle ? octets.readUInt32LE(4) : octets.readUInt32BE(4);
  const profilesAt = (8 + length + 3) & ~3;
  const head = Buffer.from(
    isLittle ? "010000000100000000000000" : "000000000000000100000000",
    "hex",
  );
  const untyped = Buffer.concat([head, octets.subarray(profilesAt)]).toString("hex");
  return given(await peer.orb.string_to_object(`IOR:${untyped}`));
}
