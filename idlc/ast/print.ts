import type {
  CaseNode,
  DeclaratorNode,
  DefinitionNode,
  Expression,
  Identifier,
  MemberNode,
  OperationNode,
  ScopedName,
  SpecificationNode,
  TypeSpec,
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
    case "refused":
      return "/* refused */";
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
    case "named":
      return printScopedName(type.name);
    case "refused":
      return "/* refused */";
    case "struct":
    case "union":
    case "enum":
      return printDefinition(type, "").trimEnd().replace(/;$/, "");
  }
}

/** An operation on one line, without the semicolon. */
export function printSignature(operation: OperationNode): string {
  const { isOneway, result, name, parameters, raises } = operation;
  const list = parameters.map((p) => `${p.mode} ${printType(p.type)} ${printIdentifier(p.name)}`);
  const head = `${isOneway ? "oneway " : ""}${result ? printType(result) : "void"} ${printIdentifier(name)}`;
  const tail = raises.length > 0 ? ` raises (${raises.map(printScopedName).join(", ")})` : "";
  return `${head}(${list.join(", ")})${tail}`;
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
      (m) => `${indent}  ${printType(m.type)} ${m.declarators.map(printDeclarator).join(", ")};\n`,
    )
    .join("");
}

function printCase(node: CaseNode, indent: string): string {
  const labels = node.labels.map((label) =>
    label.kind === "default" ? "default:" : `case ${printExpression(label.value)}:`,
  );
  return `${indent}  ${labels.join(" ")} ${printType(node.type)} ${printDeclarator(node.declarator)};\n`;
}

function printBody(head: string, definitions: readonly DefinitionNode[], indent: string): string {
  const inner = definitions.map((definition) => printDefinition(definition, `${indent}  `));
  return `${indent}${head} {\n${inner.join("")}${indent}};\n`;
}

function printDefinition(node: DefinitionNode, indent: string): string {
  if (node.kind === "mark" || node.kind === "refused") return "";
  const name = "name" in node ? printIdentifier(node.name) : "";
  switch (node.kind) {
    case "module":
      return printBody(`module ${name}`, node.definitions, indent);
    case "interface": {
      const bases = node.bases.length > 0 ? ` : ${node.bases.map(printScopedName).join(", ")}` : "";
      if (!node.body) return `${indent}interface ${name};\n`;
      return printBody(`interface ${name}${bases}`, node.body, indent);
    }
    case "struct":
    case "exception":
      if (!node.members) return `${indent}struct ${name};\n`;
      return `${indent}${node.kind} ${name} {\n${printMembers(node.members, indent)}${indent}};\n`;
    case "union": {
      if (!node.cases || !node.discriminator) return `${indent}union ${name};\n`;
      const cases = node.cases.map((c) => printCase(c, indent)).join("");
      return `${indent}union ${name} switch (${printType(node.discriminator)}) {\n${cases}${indent}};\n`;
    }
    case "enum":
      return `${indent}enum ${name} { ${node.enumerators.map((e) => printIdentifier(e.name)).join(", ")} };\n`;
    case "typedef":
      return `${indent}typedef ${printType(node.type)} ${node.declarators.map(printDeclarator).join(", ")};\n`;
    case "const":
      return `${indent}const ${printType(node.type)} ${name} = ${printExpression(node.value)};\n`;
    case "attribute": {
      const names = node.names.map(printIdentifier).join(", ");
      return `${indent}${node.isReadonly ? "readonly " : ""}attribute ${printType(node.type)} ${names};\n`;
    }
    case "operation":
      return `${indent}${printSignature(node)};\n`;
  }
}
