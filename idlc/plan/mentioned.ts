import type { Declaration, InterfaceDcl, Model, Operation, Type } from "../model/index.ts";

/** The interfaces whose references can reach a program: as arguments, results and members, with their ancestors. */
export function mentionedIn(model: Model): ReadonlySet<InterfaceDcl> {
  const found = new Set<InterfaceDcl>();
  for (const type of model.members.flatMap(typesOf)) {
    for (const one of interfacesOf(type)) found.add(one);
  }
  // What is added on the way is met, too.
  for (const one of found) for (const base of one.bases) found.add(base);
  return found;
}

function interfacesOf(type: Type): readonly InterfaceDcl[] {
  if (type.kind === "sequence" || type.kind === "array") return interfacesOf(type.element);
  if (type.kind === "map") return [...interfacesOf(type.key), ...interfacesOf(type.value)];
  return type.kind === "declared" && type.declaration.kind === "interface"
    ? [type.declaration]
    : [];
}

function typesOfOperation(operation: Operation): readonly Type[] {
  const types = operation.parameters.map((p) => p.type);
  return operation.result === undefined ? types : [operation.result, ...types];
}

/** The types that stand in a declaration and in what is declared inside. */
function typesOf(declaration: Declaration): readonly Type[] {
  switch (declaration.kind) {
    case "module":
      return declaration.members.flatMap(typesOf);
    case "interface":
    case "value":
      return [
        ...declaration.members.flatMap(typesOf),
        ...declaration.attributes.map((a) => a.type),
        ...declaration.operations.flatMap(typesOfOperation),
        ...(declaration.kind === "value" ? declaration.state.map((m) => m.type) : []),
      ];
    case "struct":
    case "exception":
      return [...declaration.members.map((m) => m.type), ...declaration.nested.flatMap(typesOf)];
    case "union":
      return [...declaration.cases.map((c) => c.type), ...declaration.nested.flatMap(typesOf)];
    case "typedef":
      return [declaration.type];
    case "valuebox":
      return [declaration.boxed, ...declaration.nested.flatMap(typesOf)];
    case "enum":
    case "const":
    case "native":
    case "bitmask":
    case "bitset":
      return [];
  }
}
