import { type AnnotationNode, type Expression, printExpression } from "../ast/index.ts";
import type { Context } from "./context.ts";
import type { AppliedAnnotation, ConstValue, Scope } from "./entity.ts";
import { fixedLiteral } from "./fixed.ts";
import { peekLookup } from "./names.ts";

const NONE: readonly AppliedAnnotation[] = [];

/**
 * The annotations of a declaration, parameters evaluated. They are kept whatever they say: what a
 * parameter may be is known of few. A name that means no constant is kept as text.
 */
export function applied(
  c: Context,
  scope: Scope,
  nodes: readonly AnnotationNode[] | undefined,
): readonly AppliedAnnotation[] {
  if (!nodes) return NONE;
  return nodes.map(({ name, parameters }) => ({
    name,
    parameters: parameters.map((parameter) => {
      reportUnknown(c, name, parameter);
      return [parameter.name ?? "value", valueOf(c, scope, parameter.value)] as const;
    }),
  }));
}

/** The parameters of standard annotations, and of those of other compilers, are not known here. */
function reportUnknown(
  c: Context,
  annotation: string,
  { name, value }: AnnotationNode["parameters"][number],
): void {
  const known = c.annotationParameters.get(annotation.split("::").at(-1) ?? "");
  if (!known || name === undefined || known.has(name)) return;
  const message = `annotation ${annotation} has no parameter ${name}`;
  c.diagnostics.error("bad-annotation", message, value.span);
}

/** A parameter of an annotation; the annotation may stand several times, the first counts. */
export function parameterOf(
  annotations: readonly AppliedAnnotation[],
  name: string,
  parameter: string = "value",
): ConstValue | undefined {
  const found = annotations.find((annotation) => annotation.name === name);
  return found?.parameters.find(([key]) => key === parameter)?.[1];
}

function valueOf(c: Context, scope: Scope, expression: Expression): ConstValue {
  if (expression.kind === "literal") {
    const isFixed = expression.literal === "fixed";
    return isFixed ? fixedLiteral(String(expression.value)) : expression.value;
  }
  if (expression.kind === "name") {
    const entity = peekLookup(c, scope, expression.name);
    if (entity?.kind === "const" && entity.value !== undefined) return entity.value;
    return entity?.kind === "enumerator" ? entity : printExpression(expression);
  }
  if (expression.kind === "unary") {
    const operand = valueOf(c, scope, expression.operand);
    if (expression.operator === "-" && typeof operand === "bigint") return -operand;
    if (expression.operator === "-" && typeof operand === "number") return -operand;
  }
  return printExpression(expression);
}
