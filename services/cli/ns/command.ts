import { CosNaming } from "../../../idl/index.ts";
import { type ORB, SystemException, UserException } from "../../../orb/index.ts";
import { nameFromString, nameToString } from "../../naming/index.ts";
import {
  type Command,
  readArguments,
  readSeconds,
  type Surroundings,
  UsageError,
} from "../../command/index.ts";
import { calling, REFERENCE_HELP, referenceText } from "../calling.ts";
import { bindingsOf, type Context } from "./listing.ts";
import { namesFileLines } from "./names-file.ts";
import { NamesFileError } from "./names-tree.ts";
import { readNames } from "./source.ts";
import { controlOf, reform, voterLines, VotersNotChanged } from "./voters.ts";
import { transferNames } from "./transfer.ts";
import { walkNames } from "./walk.ts";

const DEFAULT_URL = "corbaloc::127.0.0.1:2809/NameService";

const HELP = `Usage: orbweaver ns ls [NAME] | tree [NAME] | resolve NAME | bind NAME REF | unbind NAME [OPTION]...
       orbweaver ns import [FILE] [--from REF] [--dry-run] [--replace] | export [OPTION]...
       orbweaver ns voters [ADDRESS]... [--force] --ns corbaloc:… [OPTION]...

Reads and changes a CosNaming service. NAME is id.kind/id.kind, with \\ before a literal "/", "." or "\\".

  ls [NAME]            lists a context, the root when no name is given; names of contexts end with "/"
  tree [NAME]          lists it with all contexts inside
  resolve NAME         prints the reference
  bind NAME REF        binds the reference; --rebind replaces, --parents makes missing contexts
  unbind NAME          takes the name away
  import FILE          binds all names of omniNames' data (its folder, or the file omninames-HOST.dat, .log or
                       .bak), or of ns export; exit code 1 when a name stands for something else
  import --from REF    binds all names of another naming service that runs
  export               prints all names, a line of JSON each
  voters               prints who decides on names, as the peer of --ns knows it
  voters ADDRESS...    has these peers decide from now on; a majority of the present ones has to agree

${REFERENCE_HELP}

  --ns URL             the naming service; else -ORBInitRef NameService=URL, else
                       ${DEFAULT_URL}
  --rebind             bind: replaces what the name is bound to
  --parents            bind: makes the contexts on the way
  --dry-run            import: says what it would do
  --replace            import: objects that stand for something else are replaced
  --force              voters: nobody has to agree. Only when a majority is gone for good: names that the peer of
                       --ns has not heard of are lost, and so is what the others bind if they are not gone after all
  --timeout SECONDS    what each call may take (default 10)
  -ORB... VALUE        arguments of the ORB
  --help               this text
`;

/** Levels of a tree: contexts may contain each other. */
const MAX_LEVELS = 32;

function label({ binding_name: name, binding_type: type }: CosNaming.Binding): string {
  return nameToString(name) + (type === "ncontext" ? "/" : "");
}

async function contextAt(root: Context, name: string | undefined): Promise<Context> {
  if (name === undefined) return root;
  const found = await root.resolve(nameFromString(name));
  const context = await CosNaming.NamingContext.narrow(found);
  if (context !== null) return context;
  throw new UsageError(`ns: ${name} is no context`);
}

async function printTree(
  context: Context,
  print: (line: string) => void,
  indent: string,
): Promise<void> {
  for (const binding of await bindingsOf(context)) {
    print(indent + label(binding));
    if (binding.binding_type !== "ncontext") continue;
    if (indent.length / 2 >= MAX_LEVELS) {
      print(`${indent}  … deeper than ${MAX_LEVELS} levels`);
      continue;
    }
    const inner = await CosNaming.NamingContext.narrow(
      await context.resolve([...binding.binding_name]),
    );
    if (inner !== null) await printTree(inner, print, `${indent}  `);
  }
}

/** Makes the contexts that a name goes through and that are not there. */
async function makeParents(root: Context, name: readonly CosNaming.NameComponent[]): Promise<void> {
  for (let length = 1; length < name.length; length++) {
    try {
      await root.bind_new_context(name.slice(0, length));
    } catch (error) {
      if (!(error instanceof CosNaming.NamingContext.AlreadyBound)) throw error;
    }
  }
}

async function rootOf(orb: ORB, url: string | undefined): Promise<Context> {
  const reference =
    url === undefined
      ? await orb.resolve_initial_references("NameService")
      : await orb.string_to_object(await referenceText("ns", url));
  const root = await CosNaming.NamingContext.narrow(reference);
  if (root !== null) return root;
  throw new UsageError("ns: the object is no naming context");
}

interface Request {
  readonly orb: ORB;
  /** How the naming service was named; undefined for the ORB's own initial reference. */
  readonly url: string | undefined;
  readonly timeoutMs: number;
  readonly root: Context;
  readonly words: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly strings: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
}

async function importNames({ orb, root, words, flags, strings, print }: Request): Promise<number> {
  const [file] = words;
  const { from } = strings;
  const tree =
    file === undefined
      ? await walkNames(orb, await contextOf(orb, from ?? ""))
      : await readNames(file);
  for (const note of tree.notes) print(note);
  const isDry = flags.has("dry-run");
  const isReplacing = flags.has("replace");
  const counts = await transferNames({ orb, root, tree, isDry, isReplacing, print });
  const { contexts, bound, replaced, same, differing } = counts;
  print(
    `${isDry ? "would make" : "made"} ${contexts} contexts, ${bound} names bound, ${replaced} replaced; ${same} there already, ${differing} differ`,
  );
  return differing === 0 ? 0 : 1;
}

async function contextOf(orb: ORB, reference: string): Promise<Context> {
  const object = await orb.string_to_object(await referenceText("ns", reference));
  const context = await CosNaming.NamingContext.narrow(object);
  if (context !== null) return context;
  throw new UsageError(`ns: ${reference} is no naming context`);
}

async function bind({ orb, root, words, flags }: Request): Promise<void> {
  const [text = "", argument = ""] = words;
  const name = nameFromString(text);
  const reference = await orb.string_to_object(await referenceText("ns", argument));
  if (flags.has("parents")) await makeParents(root, name);
  if (flags.has("rebind")) await root.rebind(name, reference);
  else await root.bind(name, reference);
}

/** @throws UsageError for a first word that is no name, before anybody is called */
function checkName([name]: readonly string[]): void {
  try {
    if (name !== undefined) nameFromString(name);
  } catch (cause) {
    throw new UsageError(`ns: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** What each word does, and how many words it takes. */
const DEEDS: Readonly<
  Record<
    string,
    {
      readonly takes: readonly number[];
      /** @throws UsageError before anybody is called */
      readonly check?: (
        words: readonly string[],
        strings: Request["strings"],
        flags: Request["flags"],
      ) => void;
      /** @returns the exit code, where it may be another than 0 */
      readonly run: (r: Request) => Promise<number | void>;
    }
  >
> = {
  ls: {
    takes: [0, 1],
    check: checkName,
    run: async ({ root, words, print }) => {
      const bindings = await bindingsOf(await contextAt(root, words[0]));
      for (const binding of bindings) print(label(binding));
    },
  },
  tree: {
    takes: [0, 1],
    check: checkName,
    run: async ({ root, words, print }) =>
      await printTree(await contextAt(root, words[0]), print, ""),
  },
  resolve: {
    takes: [1],
    check: checkName,
    run: async ({ orb, root, words, print }) => {
      print(orb.object_to_string(await root.resolve(nameFromString(words[0] ?? ""))));
    },
  },
  bind: { takes: [2], check: checkName, run: bind },
  unbind: {
    takes: [1],
    check: checkName,
    run: async ({ root, words }) => await root.unbind(nameFromString(words[0] ?? "")),
  },
  import: {
    takes: [0, 1],
    check: ([file], { from }) => {
      if ((file === undefined) === (from === undefined))
        throw new UsageError("ns import: a FILE or --from REF is needed, one of them");
    },
    run: importNames,
  },
  voters: {
    takes: [0, 1, 2, 3, 4, 5, 6, 7],
    check: (words, _strings, flags) => {
      if (words.length === 0 && flags.has("force"))
        throw new UsageError("ns voters: --force needs the addresses of the new voters");
    },
    run: async ({ orb, url, words, flags, timeoutMs, print }) => {
      const control = await controlOf(orb, url);
      if (words.length > 0) await reform(control, words, flags.has("force"), timeoutMs);
      for (const line of await voterLines(control)) print(line);
    },
  },
  export: {
    takes: [0],
    run: async ({ orb, root, print }) => {
      const tree = await walkNames(orb, root);
      for (const line of namesFileLines(tree)) print(line);
    },
  },
};

/** What an exception of the naming service says to people; undefined for others. */
function naming(thrown: unknown, words: readonly string[]): string | undefined {
  const { NotFound, AlreadyBound, InvalidName, CannotProceed } = CosNaming.NamingContext;
  const name = words[0] ?? "";
  if (thrown instanceof NotFound) {
    const rest = nameToString(thrown.rest_of_name);
    const why = {
      missing_node: "is not bound",
      not_context: "is no context",
      not_object: "is no object",
    };
    return `${name}: ${rest} ${why[thrown.why]}`;
  }
  if (thrown instanceof AlreadyBound) return `${name} is bound already; --rebind replaces it`;
  if (thrown instanceof InvalidName) return `${name} is no name`;
  if (thrown instanceof CannotProceed) return `${name}: the naming service could not go on`;
  if (thrown instanceof UserException) return thrown.message;
  return undefined;
}

async function run(
  args: readonly string[],
  { print, complain, stop }: Surroundings,
): Promise<number> {
  const given = readArguments("ns", args, {
    ns: { type: "string" },
    rebind: { type: "boolean" },
    parents: { type: "boolean" },
    from: { type: "string" },
    "dry-run": { type: "boolean" },
    replace: { type: "boolean" },
    force: { type: "boolean" },
    timeout: { type: "string" },
  });
  const [verb = "", ...words] = given.words;
  const deed = Object.hasOwn(DEEDS, verb) ? DEEDS[verb] : undefined;
  if (deed === undefined) {
    const what = verb === "" ? "what is it to do?" : `"${verb}" is nothing it does;`;
    throw new UsageError(`ns: ${what} allowed: ${Object.keys(DEEDS).join(", ")}`);
  }
  if (!deed.takes.includes(words.length)) {
    throw new UsageError(
      `ns ${verb}: takes ${deed.takes.join(" or ")} arguments, not ${words.length}`,
    );
  }
  deed.check?.(words, given.strings, given.flags);
  const timeoutMs = readSeconds("ns", "--timeout", given.strings["timeout"] ?? "10");
  const isGiven = given.orb.some((argument) => argument.startsWith("NameService="));
  const url = given.strings["ns"] ?? (isGiven ? undefined : DEFAULT_URL);
  try {
    return await calling({ command: "ns", orb: given.orb, timeoutMs, stop }, async (orb) => {
      const root = await rootOf(orb, url);
      const { flags, strings } = given;
      const request = { orb, root, url, timeoutMs, words, flags, strings, print };
      return (await deed.run(request)) ?? 0;
    });
  } catch (thrown) {
    stop.throwIfAborted();
    const isPlain =
      thrown instanceof SystemException ||
      thrown instanceof NamesFileError ||
      thrown instanceof VotersNotChanged;
    const text = isPlain ? thrown.message : naming(thrown, words);
    if (text === undefined) throw thrown;
    complain(`ns ${verb}: ${text}`);
    return 1;
  }
}

/** `orbweaver ns`: a naming service from the command line. */
export const nsCommand: Command = {
  name: "ns",
  summary:
    "reads and changes a naming service: ls, tree, resolve, bind, unbind, import, export, voters",
  help: HELP,
  run,
};
