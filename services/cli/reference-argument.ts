import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { UsageError } from "./command.ts";

const SCHEME = /^(?:ior|corbaloc|corbaname):/i;

/** In a command's help: what may stand where REF is asked for. */
export const REFERENCE_HELP = `REF is IOR:…, corbaloc:…, corbaname:…, or a file that holds one of them.`;

/**
 * The reference that an argument names: itself, or what stands in the file.
 * @throws UsageError when there is no such file or no reference in it
 */
export async function referenceText(command: string, argument: string): Promise<string> {
  if (SCHEME.test(argument.trim())) return argument.trim();
  const path = argument.startsWith("file:") ? fileURLToPath(argument) : argument;
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `${command}: "${argument}" is neither a reference (IOR:…, corbaloc:…, corbaname:…) nor a file that can be read: ${what}`,
      { cause },
    );
  }
  if (SCHEME.test(text)) return text;
  throw new UsageError(
    `${command}: the file ${path} holds no reference; it must begin with IOR:, corbaloc: or corbaname:`,
  );
}
