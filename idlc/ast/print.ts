import type {
  AnnotationMemberNode,
  AnnotationNode,
  CaseNode,
  ComponentNode,
  DeclaratorNode,
  DefinitionNode,
  EnumeratorNode,
  Expression,
  HomeNode,
  Identifier,
  InstanceNode,
  InterfaceNode,
  MemberNode,
  OperationNode,
  ParameterNode,
  ScopedName,
  SpecificationNode,
  TemplateNode,
  TypeSpec,
  ValueNode,
} from "./node.ts";

/** IDL text of a whole specification; pragmas and comments are left out. */
export function printSpecification(specification: SpecificationNode): string {
  return specification.definitions.map((definition) => printDefinition(definition, "")).join("");
}

export function printScopedName(name: ScopedName): string {
  return (name.isAbsolute ? "::" : "") + name.parts.map(printIdentifier).join("::");
}

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return expression.text;
    case "name":
      return printScopedName(expression.name);
    case "unary":
      return expression.operator + printOperand(expression.operand);
    case "binary":
      return printBinary(expression);
  }
}

/** A type as written; constructed types by their whole definition. */
export function printType(type: TypeSpec): string {
  switch (type.kind) {
    case "primitive":
      return type.primitive;
    case "string":
    case "wstring":
      return type.bound ? `${type.kind}<${printOperand(type.bound)}>` : type.kind;
    case "sequence": {
      const element = printType(type.element);
      return type.bound
        ? `sequence<${element}, ${printOperand(type.bound)}>`
        : `sequence<${element}>`;
    }
    case "map": {
      const bound = type.bound ? `, ${printOperand(type.bound)}` : "";
      return `map<${printType(type.key)}, ${printType(type.value)}${bound}>`;
    }
    case "fixed": {
      const { size } = type;
      return size ? `fixed<${printOperand(size.digits)}, ${printOperand(size.scale)}>` : "fixed";
    }
    case "named":
      return printScopedName(type.name);
    case "struct":
    case "union":
    case "enum":
      return printDefinition(type, "").trimEnd().replace(/;$/, "");
  }
}

/** An operation on one line, without the semicolon. */
export function printSignature(operation: OperationNode): string {
  const { isOneway, result, name, parameters, raises, contexts } = operation;
  const head = `${isOneway ? "oneway " : ""}${result ? printType(result) : "void"} ${printIdentifier(name)}`;
  const names = contexts.map(printExpression).join(", ");
  const tail = names === "" ? "" : ` context (${names})`;
  return `${head}(${printParameters(parameters)})${printNames(" raises (", raises, ")")}${tail}`;
}

function printParameters(parameters: readonly ParameterNode[]): string {
  return parameters
    .map(({ annotations, mode, type, name }) => {
      return `${printAnnotations(annotations)}${mode} ${printType(type)} ${printIdentifier(name)}`;
    })
    .join(", ");
}

/** Nothing for no names. */
function printNames(before: string, names: readonly ScopedName[], after: string = ""): string {
  return names.length > 0 ? before + names.map(printScopedName).join(", ") + after : "";
}

/** Each with a blank behind it. */
function printAnnotations(annotations: readonly AnnotationNode[] | undefined): string {
  return (annotations ?? []).map((annotation) => `${printAnnotation(annotation)} `).join("");
}

function printAnnotation({ name, parameters }: AnnotationNode): string {
  if (parameters.length === 0) return `@${name}`;
  const list = parameters.map(({ name: key, value }) => {
    return (key === undefined ? "" : `${key} = `) + printExpression(value);
  });
  return `@${name}(${list.join(", ")})`;
}

function printIdentifier(identifier: Identifier): string {
  return (identifier.isEscaped ? "_" : "") + identifier.text;
}

/** In parentheses where it has operators: a bare `>>` might end a template. */
function printOperand(expression: Expression): string {
  const text = printExpression(expression);
  return expression.kind === "binary" || expression.kind === "unary" ? `(${text})` : text;
}

function printBinary(expression: Expression): string {
  const right: string[] = [];
  let left = expression;
  // Every operator is put in parentheses but along the left side, where a chain can be long.
  let open = "";
  while (left.kind === "binary") {
    right.push(` ${left.operator} ${printOperand(left.right)}`);
    left = left.left;
    if (left.kind === "binary") open += "(";
  }
  const closes = right.toReversed().map((part, i) => (i < right.length - 1 ? `${part})` : part));
  return open + printOperand(left) + closes.join("");
}

function printDeclarator(declarator: DeclaratorNode): string {
  const dimensions = declarator.dimensions.map((d) => `[${printExpression(d)}]`);
  return printIdentifier(declarator.name) + dimensions.join("");
}

function printMembers(members: readonly MemberNode[], indent: string): string {
  return members
    .map(
      (m) =>
        `${indent}  ${printAnnotations(m.annotations)}${printType(m.type)} ${m.declarators.map(printDeclarator).join(", ")};\n`,
    )
    .join("");
}

function printCase(node: CaseNode, indent: string): string {
  const labels = node.labels.map((label) =>
    label.kind === "default" ? "default:" : `case ${printExpression(label.value)}:`,
  );
  return `${indent}  ${printAnnotations(node.annotations)}${labels.join(" ")} ${printType(node.type)} ${printDeclarator(node.declarator)};\n`;
}

function printBody(head: string, definitions: readonly DefinitionNode[], indent: string): string {
  const inner = definitions.map((definition) => printDefinition(definition, `${indent}  `));
  return `${indent}${head} {\n${inner.join("")}${indent}};\n`;
}

function printEnumerators(enumerators: readonly EnumeratorNode[]): string {
  return enumerators
    .map(({ annotations, name }) => printAnnotations(annotations) + printIdentifier(name))
    .join(", ");
}

function printDefinition(node: DefinitionNode, indent: string): string {
  if (node.kind === "mark" || node.kind === "refused") return "";
  const text = printBare(node, indent);
  const annotations = printAnnotations(node.annotations);
  return annotations === "" ? text : indent + annotations + text.slice(indent.length);
}

type Declared = Exclude<DefinitionNode, { readonly kind: "mark" | "refused" }>;

function printBare(node: Declared, indent: string): string {
  const name = "name" in node && node.name && "text" in node.name ? printIdentifier(node.name) : "";
  const line = (text: string): string => `${indent}${text};\n`;
  switch (node.kind) {
    case "module":
      return printBody(`module ${name}`, node.definitions, indent);
    case "template":
      return printTemplate(node, name, indent);
    case "instance":
      return line(printInstance(node, name));
    case "interface":
      return printInterface(node, name, indent);
    case "value":
      return printValue(node, name, indent);
    case "component":
    case "connector":
    case "porttype":
      return printComponent(node, name, indent);
    case "home":
      return printHome(node, name, indent);
    case "struct": {
      if (!node.members) return line(`struct ${name}`);
      const base = node.base ? ` : ${printScopedName(node.base)}` : "";
      return `${indent}struct ${name}${base} {\n${printMembers(node.members, indent)}${indent}};\n`;
    }
    case "exception":
      return `${indent}exception ${name} {\n${printMembers(node.members, indent)}${indent}};\n`;
    case "union": {
      if (!node.cases || !node.discriminator) return line(`union ${name}`);
      const cases = node.cases.map((c) => printCase(c, indent)).join("");
      return `${indent}union ${name} switch (${printType(node.discriminator)}) {\n${cases}${indent}};\n`;
    }
    case "bitset": {
      const base = node.base ? ` : ${printScopedName(node.base)}` : "";
      const fields = node.fields.map(({ annotations, width, type, names }) => {
        const size = printOperand(width) + (type ? `, ${printType(type)}` : "");
        const list = names.map((n) => ` ${printIdentifier(n)}`).join("");
        return `${indent}  ${printAnnotations(annotations)}bitfield<${size}>${list};\n`;
      });
      return `${indent}bitset ${name}${base} {\n${fields.join("")}${indent}};\n`;
    }
    case "annotation": {
      const members = node.members.map((member) => printAnnotationMember(member, `${indent}  `));
      return `${indent}@annotation ${name} {\n${members.join("")}${indent}};\n`;
    }
    case "enum":
    case "bitmask":
    case "typedef":
    case "const":
    case "attribute":
    case "operation":
    case "valuebox":
    case "state":
    case "factory":
    case "finder":
    case "native":
    case "port":
    case "import":
    case "typeid":
    case "typeprefix":
      return line(printStatement(node, name));
  }
}

type Statement = Exclude<
  Declared,
  {
    readonly kind:
      | "module"
      | "template"
      | "instance"
      | "interface"
      | "value"
      | "component"
      | "connector"
      | "porttype"
      | "home"
      | "struct"
      | "exception"
      | "union"
      | "bitset"
      | "annotation";
  }
>;

/** Declarations without a body of their own, without the semicolon. */
function printStatement(node: Statement, name: string): string {
  switch (node.kind) {
    case "enum":
      return `enum ${name} { ${printEnumerators(node.enumerators)} }`;
    case "bitmask":
      return `bitmask ${name} { ${printEnumerators(node.flags)} }`;
    case "typedef":
      return `typedef ${printType(node.type)} ${node.declarators.map(printDeclarator).join(", ")}`;
    case "const":
      return `const ${printType(node.type)} ${name} = ${printExpression(node.value)}`;
    case "attribute": {
      const names = node.names.map(printIdentifier).join(", ");
      const get = node.isReadonly ? " raises (" : " getraises (";
      const raises =
        printNames(get, node.getRaises, ")") + printNames(" setraises (", node.setRaises, ")");
      return `${node.isReadonly ? "readonly " : ""}attribute ${printType(node.type)} ${names}${raises}`;
    }
    case "operation":
      return printSignature(node);
    case "valuebox":
      return `valuetype ${name} ${printType(node.type)}`;
    case "state":
      return `${node.visibility} ${printType(node.type)} ${node.declarators.map(printDeclarator).join(", ")}`;
    case "factory":
    case "finder":
      return `${node.kind} ${name}(${printParameters(node.parameters)})${printNames(" raises (", node.raises, ")")}`;
    case "native":
      return `native ${name}`;
    case "port":
      return `${node.port} ${node.isMultiple ? "multiple " : ""}${printType(node.type)} ${name}`;
    case "import":
      return `import ${"parts" in node.what ? printScopedName(node.what) : printExpression(node.what)}`;
    case "typeid":
    case "typeprefix":
      return `${node.kind} ${node.name ? printScopedName(node.name) : "::"} ${printExpression(node.text)}`;
  }
}

function printInterface(node: InterfaceNode, name: string, indent: string): string {
  const head = `${node.flavour === "plain" ? "" : `${node.flavour} `}interface ${name}`;
  if (!node.body) return `${indent}${head};\n`;
  return printBody(head + printNames(" : ", node.bases), node.body, indent);
}

function printValue(node: ValueNode, name: string, indent: string): string {
  const flavour = node.flavour === "concrete" ? "" : `${node.flavour} `;
  const head = `${flavour}${node.isEvent ? "eventtype" : "valuetype"} ${name}`;
  if (!node.body) return `${indent}${head};\n`;
  const bases = printNames(node.isTruncatable ? " : truncatable " : " : ", node.bases);
  return printBody(head + bases + printNames(" supports ", node.supports), node.body, indent);
}

function printComponent(node: ComponentNode, name: string, indent: string): string {
  const head = `${node.kind} ${name}`;
  if (!node.body) return `${indent}${head};\n`;
  const base = node.base ? ` : ${printScopedName(node.base)}` : "";
  return printBody(head + base + printNames(" supports ", node.supports), node.body, indent);
}

function printHome(node: HomeNode, name: string, indent: string): string {
  const base = node.base ? ` : ${printScopedName(node.base)}` : "";
  const key = node.primaryKey ? ` primarykey ${printScopedName(node.primaryKey)}` : "";
  const supports = printNames(" supports ", node.supports);
  const head = `home ${name}${base}${supports} manages ${printScopedName(node.manages)}${key}`;
  return printBody(head, node.body, indent);
}

function printTemplate(node: TemplateNode, name: string, indent: string): string {
  const parameters = node.parameters.map(({ kind, type, name: parameter }) => {
    const text =
      kind === "const" && type ? `const ${printType(type)}` : type ? printType(type) : kind;
    return `${text} ${printIdentifier(parameter)}`;
  });
  return printBody(`module ${name}<${parameters.join(", ")}>`, node.definitions, indent);
}

function printInstance(node: InstanceNode, name: string): string {
  const args = node.args.map((a) =>
    a.kind === "type" ? printType(a.type) : printOperand(a.value),
  );
  return `${node.isAlias ? "alias" : "module"} ${printScopedName(node.template)}<${args.join(", ")}> ${name}`;
}

function printAnnotationMember(member: AnnotationMemberNode, indent: string): string {
  if (member.kind !== "parameter") return printDefinition(member, indent);
  const value = member.value ? ` default ${printExpression(member.value)}` : "";
  return `${indent}${printType(member.type)} ${printIdentifier(member.name)}${value};\n`;
}
