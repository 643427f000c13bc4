import { type Command, UsageError } from "../command/index.ts";
import { readServing, serve, servingHelp } from "./serving.ts";

const DEFAULT_LISTEN = "127.0.0.1:2810";

const HELP = `Usage: orbweaver ifr [-I DIR]... [-D NAME[=VALUE]]... [--listen HOST:PORT] [OPTION]... FILE.idl...

Serves the Interface Repository until it is interrupted, filled from the IDL files and what they
include. Programs reach it, and their objects answer _get_interface from it, by

  -ORBInitRef InterfaceRepository=corbaloc::HOST:PORT/InterfaceRepository

It is for reading: operations that would change it raise NO_PERMISSION.

  -I, --include DIR    a folder for #include; the standard IDL is searched after all others
  -D, --define NAME    a macro, NAME or NAME=VALUE
${servingHelp(DEFAULT_LISTEN)}`;

/** `orbweaver ifr`: CORBA::Repository over IDL files. */
export const ifrCommand: Command = {
  name: "ifr",
  summary: "serves the Interface Repository, filled from IDL files",
  help: HELP,
  run: (args, surroundings) => {
    const own = { include: { short: "I" }, define: { short: "D" } };
    const serving = readServing("ifr", args, DEFAULT_LISTEN, own);
    const { files, values } = serving;
    if (files.length === 0) throw new UsageError("ifr: at least one IDL file is needed");
    return serve("InterfaceRepository", serving, surroundings, async (orb) => {
      // Here and not at the top: no other command needs the compiler.
      const { startInterfaceRepository } = await import("../ifr/index.ts");
      const { include: includeDirs = [], define: defines = [] } = values;
      return await startInterfaceRepository({ orb, files, includeDirs, defines });
    });
  },
};
