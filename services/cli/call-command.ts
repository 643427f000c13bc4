import {
  describeReference,
  type DynamicArgument,
  dynamicCall,
  type ObjectReference,
  type ORB,
  SystemException,
  tc,
  UnknownUserException,
} from "../../orb/index.ts";
import { fromJson, isTextual, type Json, toJson } from "../json/index.ts";
import {
  type Arguments,
  type Command,
  readArguments,
  readSeconds,
  type Surroundings,
  UsageError,
} from "../command/index.ts";
import {
  type CallableInterface,
  type CallableOperation,
  findOperation,
  interfaceFromIdl,
  interfaceFromRepository,
  signatures,
} from "./operations.ts";
import { calling, REFERENCE_HELP, referenceText } from "./calling.ts";

const HELP = `Usage: orbweaver call REF OPERATION [JSON]... --idl FILE [OPTION]...

Calls an operation of any object. There is one JSON for each in and inout parameter; the result is
printed as JSON, an object with "result" and the out parameters where there are such. An attribute's
name reads it, with a JSON it is set. Without OPERATION the object's operations are listed.

${REFERENCE_HELP}

  --idl FILE           the object's IDL; may stand several times. Without it the interface
                       repository that the object's server knows is asked
  -I, --include DIR    a folder for #include; the standard IDL is searched after all others
  -D, --define NAME    a macro, NAME or NAME=VALUE
  --interface NAME     which interface of the IDL the object has (M::I or IDL:M/I:1.0), where its
                       reference does not tell
  --timeout SECONDS    what the call may take (default 30)
  -ORB... VALUE        arguments of the ORB
  --help               this text

64-bit integers are strings or numbers, octets base64, enumerators strings, unions {"$d": LABEL,
"MEMBER": VALUE}, anys {"type": TYPE, "value": VALUE}, objects their references, nil null. An argument
for a string, an enumerator or an object may stand without JSON's quotes.

An exception is printed as JSON to the standard error; the command ends with 1.
`;

const OPTIONS = {
  idl: { type: "string", multiple: true },
  include: { type: "string", multiple: true, short: "I" },
  define: { type: "string", multiple: true, short: "D" },
  interface: { type: "string" },
  timeout: { type: "string" },
} as const;

function typeIdOf(orb: ORB, target: ObjectReference): string {
  return describeReference(orb.object_to_string(target)).typeId;
}

function callableOf(
  { lists, strings }: Arguments,
  orb: ORB,
  target: ObjectReference,
): Promise<CallableInterface> {
  const { idl: files = [], include: includeDirs = [], define: defines = [] } = lists;
  if (files.length === 0) return interfaceFromRepository(target);
  const source = { files, includeDirs, defines };
  return interfaceFromIdl(source, target, typeIdOf(orb, target), strings["interface"]);
}

function parseArgument(text: string, mayBeText: boolean, name: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    if (mayBeText) return text;
    throw new UsageError(`call: the argument ${name} is no JSON: ${text}`, { cause });
  }
}

/** @throws UsageError for another number of arguments; JsonError for one that does not fit its type */
async function argumentsOf(
  operation: CallableOperation,
  texts: readonly string[],
  { findType }: CallableInterface,
  orb: ORB,
): Promise<DynamicArgument[]> {
  const given = operation.parameters.filter(({ mode }) => mode !== "out");
  if (given.length !== texts.length) {
    const names = given.map(({ name }) => name).join(", ");
    throw new UsageError(
      `call: ${operation.name} takes ${given.length} arguments${names === "" ? "" : ` (${names})`}, not ${texts.length}`,
    );
  }
  const options = { findType, reference: (text: string) => orb.string_to_object(text) };
  const rest = [...texts];
  const args: DynamicArgument[] = [];
  for (const { name, mode, type } of operation.parameters) {
    if (mode === "out") {
      args.push({ out: name, type });
      continue;
    }
    const json = parseArgument(rest.shift() ?? "", isTextual(type), name);
    const value = await fromJson(json, type, options, name);
    args.push(mode === "in" ? [type, value] : { inout: name, type, value });
  }
  return args;
}

/** The results as JSON: one value, or an object where there are several. */
function resultJson(operation: CallableOperation, value: unknown, orb: ORB): Json {
  const options = { referenceText: (r: ObjectReference) => orb.object_to_string(r) };
  const outs = operation.parameters.filter(({ mode }) => mode !== "in");
  if (outs.length === 0) return toJson(value, operation.result, options);
  const named = value as Readonly<Record<string, unknown>>;
  const isVoid = operation.result.unaliased().kind() === "tk_void";
  const key = outs.some(({ name }) => name === "result") ? "$result" : "result";
  const result = isVoid ? {} : { [key]: toJson(named[key], operation.result, options) };
  const fields = outs.map(({ name, type }) => [name, toJson(named[name], type, options)] as const);
  return { ...result, ...(Object.fromEntries(fields) as Record<string, Json>) };
}

/** An exception as JSON; undefined for what is none of CORBA's. */
function exceptionJson(thrown: unknown, orb: ORB): Json | undefined {
  if (thrown instanceof UnknownUserException) {
    const { type, value } = thrown.exception;
    const options = { referenceText: (r: ObjectReference) => orb.object_to_string(r) };
    return { exception: type.id(), members: toJson(value, type, options) };
  }
  if (!(thrown instanceof SystemException)) return undefined;
  const { repositoryId, minor, completed, message } = thrown;
  return { exception: repositoryId, minor, completed, message };
}

async function call(
  given: Arguments,
  orb: ORB,
  timeoutMs: number,
  { print, complain, stop }: Surroundings,
): Promise<number> {
  const [argument = "", name, ...texts] = given.words;
  try {
    const target = await orb.string_to_object(await referenceText("call", argument));
    if (target === null) throw new UsageError("call: the reference is nil");
    const callable = await callableOf(given, orb, target);
    for (const type of callable.values) orb.registerValue(type);
    if (name === undefined) {
      signatures(callable).forEach((line) => print(line));
      return 0;
    }
    const operation = findOperation(callable, name, texts.length);
    const value = await dynamicCall(target, operation.name, {
      args: await argumentsOf(operation, texts, callable, orb),
      result: operation.result,
      raises: operation.raises,
      oneway: operation.isOneway,
      timeoutMs,
      signal: stop,
    });
    const isVoid = operation.isOneway || operation.result === tc.void;
    const json = value === undefined && isVoid ? null : resultJson(operation, value, orb);
    print(JSON.stringify(json, undefined, 2));
    return 0;
  } catch (thrown) {
    stop.throwIfAborted();
    const json = exceptionJson(thrown, orb);
    if (json === undefined) throw thrown;
    complain(JSON.stringify(json, undefined, 2));
    return 1;
  }
}

/** `orbweaver call`: any operation of any object, with JSON. */
export const callCommand: Command = {
  name: "call",
  summary: "calls an operation of any object, JSON in and out",
  help: HELP,
  run: async (args, surroundings) => {
    const given = readArguments("call", args, OPTIONS);
    if (given.words.length === 0) throw new UsageError("call: a reference is needed");
    const timeoutMs = readSeconds("call", "--timeout", given.strings["timeout"] ?? "30");
    const { stop } = surroundings;
    return await calling({ command: "call", orb: given.orb, timeoutMs, stop }, (orb) =>
      call(given, orb, timeoutMs, surroundings),
    );
  },
};
