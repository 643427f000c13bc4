import type {
  ConstantValue,
  Declaration,
  Model,
  Parameter,
  Type,
} from "../../../idlc/model/index.ts";

function namesOf(declarations: readonly { readonly repositoryId: string }[]): string {
  return declarations.map(({ repositoryId }) => repositoryId).join(", ");
}

/** A set has no order: exceptions of an operation. */
function setOf(declarations: readonly { readonly repositoryId: string }[]): string {
  return declarations
    .map(({ repositoryId }) => repositoryId)
    .toSorted()
    .join(", ");
}

/** A type as text; declared types by their repository id. */
function typeText(type: Type | undefined): string {
  switch (type?.kind) {
    case undefined:
      return "void";
    case "primitive":
      return type.primitive;
    case "string":
    case "wstring":
      return `${type.kind}<${type.bound}>`;
    case "sequence":
      return `sequence<${typeText(type.element)}, ${type.bound}>`;
    case "array":
      return `${typeText(type.element)}[${type.length}]`;
    case "fixed":
      return `fixed<${type.digits}, ${type.scale}>`;
    case "map":
      return `map<${typeText(type.key)}, ${typeText(type.value)}, ${type.bound}>`;
    case "declared":
      return type.declaration.repositoryId;
  }
}

function constantText(value: ConstantValue): string {
  return typeof value === "object" ? `${value.unscaled}e-${value.scale}` : String(value);
}

function memberTexts(
  members: readonly { readonly name: string; readonly type: Type }[],
): readonly string[] {
  return members.map(({ name, type }) => `${typeText(type)} ${name}`);
}

function parameterTexts(parameters: readonly Parameter[]): string {
  return parameters.map(({ name, mode, type }) => `${mode} ${typeText(type)} ${name}`).join(", ");
}

type Callable = Extract<Declaration, { kind: "interface" } | { kind: "value" }>;

/** What can be called, by name: neither references nor messages depend on the order. */
function callableTexts(declaration: Callable): readonly string[] {
  return [
    ...declaration.attributes.map(
      ({ name, isReadonly, type }) =>
        `${isReadonly ? "readonly " : ""}attribute ${typeText(type)} ${name}`,
    ),
    ...declaration.operations.map(
      ({ name, isOneway, result, parameters, raises }) =>
        `${isOneway ? "oneway " : ""}${typeText(result)} ${name}(${parameterTexts(parameters)}) raises (${setOf(raises)})`,
    ),
  ].toSorted();
}

/** What matters to other ORBs about one declaration, without those inside of it. */
function texts(declaration: Declaration): readonly string[] {
  switch (declaration.kind) {
    case "module":
    case "native":
      return [];
    case "struct":
    case "exception":
      return memberTexts(declaration.members);
    case "union":
      return [
        `switch ${typeText(declaration.discriminator)}`,
        ...declaration.cases.map(
          ({ name, type, labels, isDefault }) =>
            `${labels.join(", ")}${isDefault ? " default" : ""}: ${typeText(type)} ${name}`,
        ),
      ];
    case "enum":
      return declaration.enumerators.map(({ name }) => name);
    case "typedef":
      return [typeText(declaration.type)];
    case "const":
      return [`${typeText(declaration.type)} ${constantText(declaration.value)}`];
    case "valuebox":
      return [typeText(declaration.boxed)];
    case "interface":
      return [
        `${declaration.flavour} : ${namesOf(declaration.bases)}`,
        ...callableTexts(declaration),
      ];
    case "value":
      return [
        `${declaration.flavour} : ${namesOf(declaration.abstractBases)} supports ${namesOf(declaration.supports)}`,
        ...memberTexts(declaration.state),
        ...callableTexts(declaration),
      ];
    case "bitmask":
      return [String(declaration.bitBound), ...declaration.flags.map(({ name }) => name)];
    case "bitset":
      return declaration.fields.map(({ name, bits }) => `${name}: ${bits}`);
  }
}

function inside(declaration: Declaration): readonly Declaration[] {
  if ("nested" in declaration) return declaration.nested;
  const { kind } = declaration;
  return kind === "module" || kind === "interface" || kind === "value" ? declaration.members : [];
}

/** Modules have declarations only, and may be joined from several files. */
function isCounted(declaration: Declaration): boolean {
  return declaration.isMain && declaration.kind !== "module";
}

/** Everything that the files named on the command line declare, by kind and repository id, as lines of text. */
export function describe(model: Model): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const visit = (declaration: Declaration): void => {
    const { kind, repositoryId } = declaration;
    if (isCounted(declaration)) found.set(`${kind} ${repositoryId}`, texts(declaration));
    inside(declaration).forEach(visit);
  };
  model.members.forEach(visit);
  return found;
}
