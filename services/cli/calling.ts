import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  BAD_PARAM,
  describeReference,
  MARSHAL,
  type ObjectReference,
  type ORB,
  ORB_init,
  type OrbInitOptions,
} from "../../orb/index.ts";
import { UsageError } from "../command/index.ts";

/** Milliseconds a connection may take at most: behind a dead address there may be another. */
const CONNECT_TIMEOUT_MS = 5_000;
const SCHEME = /^(?:ior|corbaloc|corbaname):/i;

/** In a command's help: what may stand where REF is asked for. */
export const REFERENCE_HELP = `REF is IOR:…, corbaloc:…, corbaname:…, or a file that holds one of them.`;

/** Only an ORB with initial references can read those. */
const INITIAL = /^corba(?:loc|name):rir:/i;

function checked(command: string, text: string): string {
  if (INITIAL.test(text)) return text;
  try {
    describeReference(text);
    return text;
  } catch (cause) {
    throw new UsageError(`${command}: ${textOf(cause)}`, { cause });
  }
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * The reference that an argument names: itself, or what stands in the file.
 * @throws UsageError when there is no such file, or no reference in it, or a broken one
 */
export async function referenceText(command: string, argument: string): Promise<string> {
  if (SCHEME.test(argument.trim())) return checked(command, argument.trim());
  const path = argument.startsWith("file:") ? fileURLToPath(argument) : argument;
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw new UsageError(
      `${command}: "${argument}" is neither a reference (IOR:…, corbaloc:…, corbaname:…) nor a file that can be read: ${textOf(cause)}`,
      { cause },
    );
  }
  if (SCHEME.test(text)) return checked(command, text);
  throw new UsageError(
    `${command}: the file ${path} holds no reference; it must begin with IOR:, corbaloc: or corbaname:`,
  );
}

/** An ORB by the arguments of a command. @throws UsageError for an argument that it has not */
export async function startOrb(
  command: string,
  args: readonly string[],
  options: OrbInitOptions,
): Promise<ORB> {
  try {
    return await ORB_init(args, options);
  } catch (cause) {
    if (!(cause instanceof BAD_PARAM)) throw cause;
    throw new UsageError(`${command}: ${cause.message}`, { cause });
  }
}

/**
 * The object that a reference names.
 * @throws UsageError for what is no reference, and for nil
 */
export async function objectOf(orb: ORB, command: string, url: string): Promise<ObjectReference> {
  let object: ObjectReference | null;
  try {
    object = await orb.string_to_object(url);
  } catch (cause) {
    if (!(cause instanceof BAD_PARAM || cause instanceof MARSHAL)) throw cause;
    throw new UsageError(`${command}: ${cause.message}`, { cause });
  }
  if (object === null) throw new UsageError(`${command}: ${url} is nil`);
  return object;
}

/** What a command that calls objects has of its surroundings. */
export interface Calling {
  readonly command: string;
  /** Arguments of the ORB, `-ORBname value`. */
  readonly orb: readonly string[];
  /** What each call may take. */
  readonly timeoutMs: number;
  /** Aborted: calls that wait fail. */
  readonly stop: AbortSignal;
}

/** Calls objects by an ORB that comes for it and goes. @throws what `use` throws; UsageError */
export async function calling<T>(
  { command, orb: args, timeoutMs, stop }: Calling,
  use: (orb: ORB) => Promise<T>,
): Promise<T> {
  const connectTimeoutMs = Math.min(timeoutMs, CONNECT_TIMEOUT_MS);
  const config = { orb: { deadlineMs: timeoutMs, connectTimeoutMs } };
  await using orb = await startOrb(command, args, { config });
  const onStop = (): void => void orb.destroy();
  stop.addEventListener("abort", onStop, { once: true });
  try {
    stop.throwIfAborted();
    return await use(orb);
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}
