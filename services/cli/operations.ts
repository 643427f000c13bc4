import type { Declaration, InterfaceDcl, Model } from "../../idlc/model/index.ts";
import { CORBA } from "../../idl/index.ts";
import { INTF_REPOS, type ObjectReference, tc, type TypeCode } from "../../orb/index.ts";
import { readModel, TypeCodes } from "../ifr/index.ts";

/** An operation as a call needs it. */
export interface CallableOperation {
  /** As on the wire: `_get_x` and `_set_x` for an attribute. */
  readonly name: string;
  readonly isOneway: boolean;
  readonly parameters: readonly {
    readonly name: string;
    readonly mode: "in" | "out" | "inout";
    readonly type: TypeCode;
  }[];
  readonly result: TypeCode;
  readonly raises: readonly TypeCode[];
}

/** What an object can do, wherever that is known from. */
export interface CallableInterface {
  readonly name: string;
  readonly operations: readonly CallableOperation[];
  /** Types by scoped name or repository id. */
  readonly findType: (name: string) => TypeCode | undefined;
  /** Values that may come where a base of theirs is declared. */
  readonly values: readonly TypeCode[];
}

/** The operation is not among those of the interface, or the interface is not known. */
export class UnknownOperation extends Error {
  override readonly name: string = "UnknownOperation";
}

function declarationsIn(members: readonly Declaration[]): Declaration[] {
  return members.flatMap((item) => {
    switch (item.kind) {
      case "module":
      case "interface":
      case "value":
        return [item, ...declarationsIn(item.members)];
      case "struct":
      case "union":
      case "exception":
      case "valuebox":
        return [item, ...declarationsIn(item.nested)];
      case "bitmask":
      case "bitset":
      case "const":
      case "enum":
      case "native":
      case "typedef":
        return [item];
    }
  });
}

/** An interface and all that it inherits from, each once. */
function withBases(item: InterfaceDcl): InterfaceDcl[] {
  return [...new Set([item, ...item.bases.flatMap(withBases)])];
}

function accessors(
  name: string,
  type: TypeCode,
  isReadonly: boolean,
  raises: readonly [get: readonly TypeCode[], set: readonly TypeCode[]] = [[], []],
): CallableOperation[] {
  const common = { isOneway: false };
  const get = { ...common, name: `_get_${name}`, parameters: [], result: type, raises: raises[0] };
  const parameters = [{ name, mode: "in", type }] as const;
  const set = { ...common, name: `_set_${name}`, parameters, result: tc.void, raises: raises[1] };
  return isReadonly ? [get] : [get, set];
}

function operationsOf(item: InterfaceDcl, types: TypeCodes): CallableOperation[] {
  return withBases(item).flatMap(({ operations, attributes }) => [
    ...operations.map((operation) => ({
      name: operation.name,
      isOneway: operation.isOneway,
      parameters: operation.parameters.map((p) => ({ ...p, type: types.of(p.type) })),
      result: types.of(operation.result),
      raises: operation.raises.map((exception) => types.declared(exception)),
    })),
    ...attributes.flatMap((attribute) =>
      accessors(attribute.name, types.of(attribute.type), attribute.isReadonly, [
        attribute.getRaises.map((exception) => types.declared(exception)),
        attribute.setRaises.map((exception) => types.declared(exception)),
      ]),
    ),
  ]);
}

/** Which of the interfaces the object has: by its reference, or by asking it, the derived ones first. */
async function interfaceOf(
  interfaces: readonly InterfaceDcl[],
  target: ObjectReference,
  typeId: string,
  named: string | undefined,
): Promise<InterfaceDcl> {
  const isNamed = (item: InterfaceDcl): boolean =>
    item.scopedName.join("::") === named || item.repositoryId === named;
  if (named !== undefined) {
    const found = interfaces.find(isNamed);
    if (found !== undefined) return found;
    const known = interfaces.map((item) => item.scopedName.join("::")).join(", ");
    throw new UnknownOperation(`the IDL has no interface ${named}; it has ${known}`);
  }
  const told = interfaces.find(({ repositoryId }) => repositoryId === typeId);
  if (told !== undefined) return told;
  const derivedFirst = interfaces.toSorted((a, b) => withBases(b).length - withBases(a).length);
  for (const item of derivedFirst) {
    if (await target._is_a(item.repositoryId)) return item;
  }
  const text = typeId === "" ? "" : ` (its reference says ${typeId})`;
  throw new UnknownOperation(`the object has none of the interfaces of the IDL${text}`);
}

function finder(model: Model, types: TypeCodes): (name: string) => TypeCode | undefined {
  const all = declarationsIn(model.members);
  return (name) => {
    const plain = name.replace(/^::/, "");
    const found = all.find(
      (item) => item.repositoryId === plain || item.scopedName.join("::") === plain,
    );
    if (found === undefined || found.kind === "module" || found.kind === "const") return undefined;
    return types.declared(found);
  };
}

/** From IDL files. @throws IdlError, UnknownOperation */
export async function interfaceFromIdl(
  source: {
    readonly files: readonly string[];
    readonly includeDirs: readonly string[];
    readonly defines: readonly string[];
  },
  target: ObjectReference,
  typeId: string,
  named: string | undefined,
): Promise<CallableInterface> {
  const model = readModel(source);
  const types = new TypeCodes();
  const interfaces = declarationsIn(model.members).flatMap((item) =>
    item.kind === "interface" && item.flavour !== "local" ? [item] : [],
  );
  const mine = interfaces.filter(({ isMain }) => isMain);
  const item = await interfaceOf([...mine, ...interfaces], target, typeId, named);
  return {
    name: item.scopedName.join("::"),
    operations: operationsOf(item, types),
    findType: finder(model, types),
    values: declarationsIn(model.members).flatMap((declared) =>
      (declared.kind === "value" && declared.flavour === "concrete" && !declared.isIncomplete) ||
      declared.kind === "valuebox"
        ? [types.declared(declared)]
        : [],
    ),
  };
}

const MODES = { PARAM_IN: "in", PARAM_OUT: "out", PARAM_INOUT: "inout" } as const;

/** From the interface repository that the object's server knows. @throws UnknownOperation */
export async function interfaceFromRepository(target: ObjectReference): Promise<CallableInterface> {
  let definition: CORBA.InterfaceDef | null;
  try {
    definition = await CORBA.InterfaceDef.narrow(await target._get_interface());
  } catch (cause) {
    if (!(cause instanceof INTF_REPOS)) throw cause;
    throw new UnknownOperation(
      `the object's server has no interface repository that knows it (${cause.message}); give its IDL with --idl FILE`,
      { cause },
    );
  }
  if (definition === null) {
    throw new UnknownOperation(
      "the object's server has no interface repository; give the object's IDL with --idl FILE",
    );
  }
  const told = await definition.describe_interface();
  const operations = told.operations.map((operation) => ({
    name: operation.name,
    isOneway: operation.mode === "OP_ONEWAY",
    parameters: operation.parameters.map(({ name, mode, type }) => ({
      name,
      type,
      mode: MODES[mode],
    })),
    result: operation.result,
    raises: operation.exceptions.map(({ type }) => type),
  }));
  const attributes = told.attributes.flatMap(({ name, type, mode }) =>
    accessors(name, type, mode === "ATTR_READONLY"),
  );
  return {
    name: told.id,
    operations: [...operations, ...attributes],
    findType: () => undefined,
    values: [],
  };
}

function signature({ name, parameters, result }: CallableOperation): string {
  const type = (code: TypeCode): string =>
    code.hasId() ? code.name() : code.kind().replace(/^tk_/, "");
  const list = parameters.map((p) => `${p.mode} ${type(p.type)} ${p.name}`).join(", ");
  return `${type(result)} ${name}(${list})`;
}

/** The interface's operations as text, one line each. */
export function signatures({ operations }: CallableInterface): string[] {
  return operations.map(signature);
}

/**
 * The operation of a name; the name of an attribute is the reading of it, with an argument the setting.
 * @throws UnknownOperation naming those there are
 */
export function findOperation(
  callable: CallableInterface,
  name: string,
  argumentCount: number,
): CallableOperation {
  const { operations } = callable;
  const accessor = argumentCount === 0 ? `_get_${name}` : `_set_${name}`;
  const found =
    operations.find((operation) => operation.name === name) ??
    operations.find((operation) => operation.name === accessor);
  if (found !== undefined) return found;
  const known = signatures(callable).map((line) => `\n  ${line}`);
  throw new UnknownOperation(`${callable.name} has no ${name}; it has${known.join("")}`);
}
