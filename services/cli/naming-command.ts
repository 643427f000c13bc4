import { startNaming } from "../naming/index.ts";
import type { Command } from "../command/index.ts";
import { readServing, serve, servingHelp } from "./serving.ts";

const DEFAULT_LISTEN = "127.0.0.1:2809";

const HELP = `Usage: orbweaver naming [--listen HOST:PORT] [--ior-file FILE] [--verbose] [-ORB... VALUE]...

Serves CosNaming until it is interrupted. Clients reach it by

  -ORBInitRef NameService=corbaloc::HOST:PORT/NameService

Names are kept in memory and end with the service.

${servingHelp(DEFAULT_LISTEN)}`;

/** `orbweaver naming`: CosNaming over a memory store. */
export const namingCommand: Command = {
  name: "naming",
  summary: "serves CosNaming, names kept in memory",
  help: HELP,
  run: (args, surroundings) => {
    const serving = readServing("naming", args, DEFAULT_LISTEN);
    return serve("NameService", serving, surroundings, (orb) => startNaming({ orb }));
  },
};
