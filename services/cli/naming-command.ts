import { rename, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { ORB_init } from "../../orb/index.ts";
import { startNaming } from "../naming/index.ts";
import { type Command, type Surroundings, UsageError } from "./command.ts";
import { lineLogger } from "./line-logger.ts";

const DEFAULT_LISTEN = "127.0.0.1:2809";

const HELP = `Usage: orbweaver naming [--listen HOST:PORT] [--ior-file FILE] [--verbose] [-ORB... VALUE]...

Serves CosNaming until it is interrupted. Clients reach it by

  -ORBInitRef NameService=corbaloc::HOST:PORT/NameService

Names are kept in memory and end with the service.

  --listen HOST:PORT   where to listen (default ${DEFAULT_LISTEN}); port 0 takes a free one
  --ior-file FILE      writes the root context's IOR to FILE
  --verbose            tells of every connection, not only of what goes wrong
  -ORB... VALUE        arguments of the ORB, e.g. -ORBListenEndpoints iiop://HOST:PORT
  --help               this text
`;

interface Arguments {
  readonly listen: string;
  readonly iorFile: string | undefined;
  readonly isVerbose: boolean;
  readonly orb: readonly string[];
}

/** Takes `-ORBname value` pairs out: parseArgs would read `-O` as an option of one letter. */
function splitOrbArguments(args: readonly string[]): { orb: string[]; own: string[] } {
  const orb: string[] = [];
  const own: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] as string;
    if (!argument.startsWith("-ORB")) own.push(argument);
    else orb.push(argument, ...args.slice(++at, at + 1));
  }
  return { orb, own };
}

function readArguments(args: readonly string[]): Arguments {
  const { orb, own } = splitOrbArguments(args);
  let values: {
    readonly listen?: string;
    readonly "ior-file"?: string;
    readonly verbose?: boolean;
  };
  try {
    const options = {
      listen: { type: "string" },
      "ior-file": { type: "string" },
      verbose: { type: "boolean" },
    } as const;
    ({ values } = parseArgs({ args: own, options }));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`naming: ${what}`, { cause });
  }
  const { listen = DEFAULT_LISTEN } = values;
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(listen);
  if (match === null || Number(match[1]) > 0xffff)
    throw new UsageError(`naming: --listen ${listen}: HOST:PORT is needed, port 0 to 65535`);
  return { listen, iorFile: values["ior-file"], isVerbose: values.verbose === true, orb };
}

/** Whole or not at all: who waits for the file reads no half of it. */
async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, text);
  await rename(part, file);
}

async function serve(args: Arguments, { print, complain, stop }: Surroundings): Promise<number> {
  const listens = args.orb.includes("-ORBListenEndpoints");
  const endpoint = listens ? [] : ["-ORBListenEndpoints", `iiop://${args.listen}`];
  await using orb = await ORB_init([...args.orb, ...endpoint], {
    logger: lineLogger(complain, args.isVerbose),
  });
  await using naming = await startNaming({ orb });
  const ior = orb.object_to_string(naming.root);
  if (args.iorFile !== undefined) await writeWhole(args.iorFile, `${ior}\n`);
  for (const { host, port } of orb.endpoints) {
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    print(`NameService=corbaloc::${address}/NameService`);
  }
  print(ior);
  stop.addEventListener("abort", () => void orb.shutdown(), { once: true });
  if (!stop.aborted) await orb.run();
  return 0;
}

/** `orbweaver naming`: CosNaming over a memory store. */
export const namingCommand: Command = {
  name: "naming",
  summary: "serves CosNaming, names kept in memory",
  help: HELP,
  run: (args, surroundings) => serve(readArguments(args), surroundings),
};
