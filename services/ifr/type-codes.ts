import type {
  ExceptionDcl,
  InterfaceDcl,
  PrimitiveKind,
  StructDcl,
  Type,
  TypeDeclaration,
  UnionDcl,
  ValueDcl,
} from "../../idlc/model/index.ts";
import { tc, type TypeCode } from "../../orb/generated.ts";

const PRIMITIVE: Readonly<Record<PrimitiveKind, () => TypeCode>> = {
  short: () => tc.short,
  long: () => tc.long,
  "long long": () => tc.longlong,
  "unsigned short": () => tc.ushort,
  "unsigned long": () => tc.ulong,
  "unsigned long long": () => tc.ulonglong,
  float: () => tc.float,
  double: () => tc.double,
  boolean: () => tc.boolean,
  char: () => tc.char,
  wchar: () => tc.wchar,
  octet: () => tc.octet,
  any: () => tc.any,
  Object: () => tc.Object,
  TypeCode: () => tc.TypeCode,
  "long double": () => tc.longdouble,
  int8: () => tc.octet,
  Principal: () => tc.Principal,
  ValueBase: () => tc.value("IDL:omg.org/CORBA/ValueBase:1.0", "ValueBase", 0, null, () => []),
  AbstractBase: () => tc.abstract_interface("IDL:omg.org/CORBA/AbstractBase:1.0", "AbstractBase"),
};

const INTERFACE: Readonly<Record<InterfaceDcl["flavour"], (id: string, name: string) => TypeCode>> =
  {
    plain: (id, name) => tc.objref(id, name),
    abstract: (id, name) => tc.abstract_interface(id, name),
    local: (id, name) => tc.local_interface(id, name),
  };

/** `modifier` of a value's TypeCode. */
const MODIFIER = { none: 0, custom: 1, abstract: 2, truncatable: 3 } as const;

/** Members of a struct with its base's before them. */
export function allMembers(item: StructDcl): StructDcl["members"] {
  return item.base === undefined ? item.members : [...allMembers(item.base), ...item.members];
}

/** The TypeCodes of a model's types. Each declaration has one, made when it is first asked for. */
export class TypeCodes {
  readonly #made = new Map<TypeDeclaration | ExceptionDcl, TypeCode>();

  /** @param type undefined is void */
  of(type: Type | undefined): TypeCode {
    if (type === undefined) return tc.void;
    switch (type.kind) {
      case "primitive":
        return PRIMITIVE[type.primitive]();
      case "string":
        return tc.string(type.bound);
      case "wstring":
        return tc.wstring(type.bound);
      case "fixed":
        return tc.fixed(type.digits, type.scale);
      case "sequence":
        return tc.sequence(() => this.of(type.element), type.bound);
      case "array":
        return tc.array(() => this.of(type.element), type.length);
      case "map":
        return tc.sequence(() => this.#pair(type.key, type.value), type.bound);
      case "declared":
        return this.declared(type.declaration);
    }
  }

  declared(declaration: TypeDeclaration | ExceptionDcl): TypeCode {
    let made = this.#made.get(declaration);
    if (made === undefined) {
      made = this.#make(declaration);
      this.#made.set(declaration, made);
    }
    return made;
  }

  // CORBA has no TypeCode for maps: they look like the sequence of pairs they are on the wire.
  #pair(key: Type, value: Type): TypeCode {
    return tc.struct("", "", () => [
      ["key", this.of(key)],
      ["value", this.of(value)],
    ]);
  }

  #make(item: TypeDeclaration | ExceptionDcl): TypeCode {
    const { repositoryId: id, name } = item;
    switch (item.kind) {
      case "struct":
        return tc.struct(id, name, () => allMembers(item).map((m) => [m.name, this.of(m.type)]));
      case "exception":
        return tc.exception(id, name, () => item.members.map((m) => [m.name, this.of(m.type)]));
      case "union":
        return this.#union(item);
      case "enum":
        return tc.enum(
          id,
          name,
          item.enumerators.map((e) => e.name),
        );
      case "typedef":
        return tc.alias(id, name, () => this.of(item.type));
      case "interface":
        return INTERFACE[item.flavour](id, name);
      case "native":
        return tc.native(id, name);
      case "valuebox":
        return tc.value_box(id, name, () => this.of(item.boxed));
      case "value":
        return this.#value(item);
      case "bitmask":
        return tc.alias(id, name, holder(item.bitBound));
      case "bitset":
        return tc.alias(id, name, holder(item.bits));
    }
  }

  /** One member for each label, in order, and one for the default. */
  #union(item: UnionDcl): TypeCode {
    const entries: { label: string | number | bigint | boolean; name: string; type: Type }[] = [];
    let defaultIndex = -1;
    for (const { name, type, labels, isDefault } of item.cases) {
      for (const label of labels) entries.push({ label, name, type });
      if (!isDefault) continue;
      defaultIndex = entries.length;
      entries.push({ label: 0, name, type });
    }
    return tc.union(
      item.repositoryId,
      item.name,
      () => this.#unaliased(item.discriminator),
      defaultIndex,
      () => entries.map(({ label, name, type }) => [label, name, this.of(type)]),
    );
  }

  #unaliased(type: Type): TypeCode {
    return type.kind === "declared" && type.declaration.kind === "typedef"
      ? this.#unaliased(type.declaration.type)
      : this.of(type);
  }

  #value(item: ValueDcl): TypeCode {
    const { repositoryId: id, name, base, flavour, isTruncatable } = item;
    const modifier =
      flavour === "concrete"
        ? isTruncatable
          ? MODIFIER.truncatable
          : MODIFIER.none
        : MODIFIER[flavour];
    const kind = item.isEvent ? "event" : "value";
    return tc[kind](id, name, modifier, base === undefined ? null : () => this.declared(base), () =>
      item.state.map((m) => [m.name, this.of(m.type), m.visibility === "public" ? 1 : 0]),
    );
  }
}

/** The unsigned number that holds so many bits. */
function holder(bits: number): TypeCode {
  if (bits <= 8) return tc.octet;
  if (bits <= 16) return tc.ushort;
  return bits <= 32 ? tc.ulong : tc.ulonglong;
}
