import { rename, writeFile } from "node:fs/promises";
import type { Logger, ObjectReference, ORB, OrbInitOptions } from "../../orb/index.ts";
import {
  type OptionTable,
  parseOwn,
  splitOrbArguments,
  type Surroundings,
  UsageError,
} from "../command/index.ts";
import { startOrb } from "./calling.ts";
import { lineLogger } from "./line-logger.ts";

/** What every command that serves an object takes. */
export interface Serving {
  readonly command: string;
  readonly listen: string;
  readonly iorFile: string | undefined;
  readonly isVerbose: boolean;
  /** Arguments of the ORB, `-ORBname value`. */
  readonly orb: readonly string[];
}

/** Its lines in a command's help. */
export function servingHelp(defaultListen: string): string {
  return `  --listen HOST:PORT   where to listen (default ${defaultListen}); port 0 takes a free one
  --ior-file FILE      writes the object's IOR to FILE
  --verbose            tells of every connection, not only of what goes wrong
  -ORB... VALUE        arguments of the ORB, e.g. -ORBListenEndpoints iiop://HOST:PORT
  --help               this text
`;
}

const OPTIONS = {
  listen: { type: "string" },
  "ior-file": { type: "string" },
  verbose: { type: "boolean" },
} as const;

/** What a command's own options gave; each may stand several times. */
export interface OwnArguments {
  readonly values: Readonly<Record<string, readonly string[] | undefined>>;
  readonly files: readonly string[];
}

/**
 * Reads the arguments of a command that serves.
 * @param own options of its own, each with a value; undefined for a command that takes no files either
 * @throws UsageError
 */
export function readServing(
  command: string,
  args: readonly string[],
  defaultListen: string,
  own?: Readonly<Record<string, { readonly short?: string }>>,
): Serving & OwnArguments {
  const { orb, own: rest } = splitOrbArguments(args);
  const more = Object.entries(own ?? {}).map(([name, { short }]) => [
    name,
    { type: "string", multiple: true, ...(short === undefined ? {} : { short }) },
  ]);
  const options: OptionTable = { ...OPTIONS, ...Object.fromEntries(more) };
  const { values, positionals: files } = parseOwn(command, rest, options, own !== undefined);
  const {
    listen = defaultListen,
    "ior-file": iorFile,
    verbose,
    ...others
  } = values as {
    readonly listen?: string;
    readonly "ior-file"?: string;
    readonly verbose?: boolean;
  };
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(listen);
  if (match === null || Number(match[1]) > 0xffff)
    throw new UsageError(`${command}: --listen ${listen}: HOST:PORT is needed, port 0 to 65535`);
  return { command, listen, iorFile, isVerbose: verbose === true, orb, values: others, files };
}

/** Whole or not at all: who waits for the file reads no half of it. */
async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, text);
    await rename(part, file);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Error(`cannot write ${file}: ${code}`, { cause });
  }
}

/** A service that `serve` starts; closed when the command ends. */
export interface Served extends AsyncDisposable {
  readonly root: ObjectReference;
}

/** Serves one object under a plain key until the command is told to stop. @returns the exit code */
export async function serve(
  key: string,
  args: Serving,
  { print, complain, stop }: Surroundings,
  start: (orb: ORB, logger: Logger) => Promise<Served>,
  options: Pick<OrbInitOptions, "initializers" | "replicator"> = {},
): Promise<number> {
  const listens = args.orb.includes("-ORBListenEndpoints");
  const endpoint = listens ? [] : ["-ORBListenEndpoints", `iiop://${args.listen}`];
  const logger = lineLogger(complain, args.isVerbose);
  await using orb = await startOrb(args.command, [...args.orb, ...endpoint], {
    ...options,
    logger,
  });
  await using service = await start(orb, logger);
  const ior = orb.object_to_string(service.root);
  if (args.iorFile !== undefined) await writeWhole(args.iorFile, `${ior}\n`);
  for (const { host, port } of orb.publishedAddresses) {
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    print(`${key}=corbaloc::${address}/${key}`);
  }
  print(ior);
  stop.addEventListener("abort", () => void orb.shutdown(), { once: true });
  if (!stop.aborted) await orb.run();
  return 0;
}
