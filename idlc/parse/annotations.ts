import type {
  AnnotationDclNode,
  AnnotationMemberNode,
  AnnotationNode,
  DeclarationNode,
  Expression,
} from "../ast/index.ts";
import { type Cursor, describe, type Leading } from "./cursor.ts";
import { parseExpression } from "./expressions.ts";

/** Reads the annotations before a declaration, and keeps the comment that stands before them. */
export function parseLeading(p: Cursor): Leading {
  const { doc } = p.token;
  if (!p.isAt("@")) return { doc };
  const annotations: AnnotationNode[] = [];
  while (p.isAt("@") && p.peek(1).text !== "annotation") annotations.push(parseAnnotation(p));
  return annotations.length > 0 ? { doc: doc ?? p.token.doc, annotations } : { doc };
}

/** Puts what stood before a declaration into its node. */
export function withLeading<T extends DeclarationNode>(node: T, leading: Leading): T {
  return leading.annotations ? { ...node, ...leading } : node;
}

function parseAnnotation(p: Cursor): AnnotationNode {
  const start = p.token;
  p.requireLevel4("annotations are of");
  p.advance();
  p.accept("::");
  const parts = [annotationName(p)];
  // After a blank "::" begins the type of what is annotated: `@key ::M::T x`.
  while (p.isAt("::") && p.token.start === p.previous.end) {
    p.advance();
    parts.push(annotationName(p));
  }
  const parameters: { name: string | undefined; value: Expression }[] = [];
  // A blank before "(" would be legal; after a name alone the parenthesis cannot begin a declaration.
  if (p.accept("(") && !p.accept(")")) {
    do {
      const isNamed = p.token.kind === "identifier" || p.token.kind === "keyword";
      const name = isNamed && p.peek(1).text === "=" ? p.advance().text : undefined;
      if (name !== undefined) p.advance();
      parameters.push({ name, value: parseExpression(p) });
    } while (p.accept(","));
    p.expect(")", "after the parameters of the annotation");
  }
  return { name: parts.join("::"), parameters, span: p.spanFrom(start) };
}

/** Names of standard annotations are keywords at times: `@default`. */
function annotationName(p: Cursor): string {
  const { kind } = p.token;
  if (kind !== "identifier" && kind !== "keyword") {
    p.fail(`expected the name of an annotation after "@", not ${describe(p.token)}`);
  }
  return p.advance().text;
}

/**
 * `@annotation A { type parameter default value; … }`
 * @param definition reads a type or a constant declared inside
 */
export function parseAnnotationDcl(
  p: Cursor,
  definition: () => DeclarationNode | undefined,
): AnnotationDclNode | undefined {
  const start = p.token;
  if (!p.isAt("@") || p.peek(1).text !== "annotation") return undefined;
  p.requireLevel4("annotations are of");
  p.advance();
  p.advance();
  const name = p.identifier("the name of the annotation");
  p.expect("{", `after @annotation ${name.text}`);
  const members: AnnotationMemberNode[] = [];
  while (!p.isAt("}") && p.token.kind !== "end") {
    const member = p.attempt(() => parseMember(p, definition));
    if (member) members.push(member);
  }
  p.close(`annotation ${name.text}`);
  return { kind: "annotation", name, members, doc: start.doc, span: p.spanFrom(start) };
}

function parseMember(
  p: Cursor,
  definition: () => DeclarationNode | undefined,
): AnnotationMemberNode {
  const declared = definition();
  if (declared) {
    p.expectSemicolon("the declaration");
    return declared;
  }
  const type = p.grammar.type(p);
  const name = p.identifier("the name of a parameter of the annotation");
  const value = p.accept("default") ? parseExpression(p) : undefined;
  p.expectSemicolon("the parameter");
  return { kind: "parameter", type, name, value };
}
