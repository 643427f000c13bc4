import { posix } from "node:path";
import { ts } from "ts-morph";
import type { Project, SourceFile } from "ts-morph";

/** One import, re-export, dynamic import or import type of a file. */
export interface Import {
  readonly specifier: string;
  /** A path within the repository (`orb/cdr/index.ts`), or the specifier itself for a package. */
  readonly target: string;
  /** True where evaluation of the file does not load the target: `import()` and type-only imports. */
  readonly deferred: boolean;
}

/** What the rules of the house need to know of a source file. */
export interface HouseFile {
  /** Path within the repository, with `/`. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Lines that are neither blank nor comment. */
  readonly codeLines: number;
  /** First lines of the statements that are not `export … from`. */
  readonly ownStatements: readonly string[];
  readonly usesPromises: boolean;
  /** A limit that nothing but `AbortSignal.any` holds. */
  readonly hasLooseLimit: boolean;
}

/** Maps the package's own name to sources: `orbweaver/orb` → `orb/index.ts`. */
export type SelfReferences = Readonly<Record<string, string>>;

/**
 * The package's entry points that exist as sources.
 * @param exports the `exports` of package.json
 * @param sources paths within the repository
 * @returns entry (`./orb`) → source (`orb/index.ts`)
 */
export function entryPoints(
  exports: Readonly<Record<string, string>>,
  sources: readonly string[],
): SelfReferences {
  const found: Record<string, string> = {};
  for (const [entry, built] of Object.entries(exports)) {
    const match = /^\.\/dist\/(.+)\.js$/.exec(built);
    if (match === null) continue;
    const [before = "", after] = `${match[1]}.ts`.split("*");
    for (const source of sources) {
      if (after === undefined ? source !== before : !isWildcard(source, before, after)) continue;
      const star = source.slice(before.length, source.length - (after ?? "").length);
      found[entry.replace("*", star)] = source;
    }
  }
  return found;
}

/** Whether `source` is `before`, one path segment, `after`. */
function isWildcard(source: string, before: string, after: string): boolean {
  if (!source.startsWith(before) || !source.endsWith(after)) return false;
  const star = source.slice(before.length, source.length - after.length);
  return star !== "" && !star.includes("/");
}

/**
 * Reads every source file of a project for the rules.
 * @param root directory of the repository as the project's file system names it
 * @param self the package's name, and its entries
 */
export function readHouse(
  project: Project,
  root: string,
  self: { readonly name: string; readonly entries: SelfReferences },
): readonly HouseFile[] {
  return project.getSourceFiles().map((file) => {
    const path = posix.relative(root, file.getFilePath());
    const resolve = (specifier: string): string => {
      if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier);
      if (specifier !== self.name && !specifier.startsWith(`${self.name}/`)) return specifier;
      return self.entries[`.${specifier.slice(self.name.length)}`] ?? specifier;
    };
    return {
      path,
      imports: importsOf(file).map((found) => ({ ...found, target: resolve(found.specifier) })),
      codeLines: countCodeLines(file.getFullText()),
      ownStatements: ownStatementsOf(file),
      usesPromises: /\b(?:async|await|Promise|setTimeout|setInterval|setImmediate)\b(?!["'`])/.test(
        withoutComments(file.getFullText()),
      ),
      // One of a test's own texts is not meant: the quotation mark is beneath.
      hasLooseLimit: /AbortSignal\.any\([^;"]*AbortSignal\.timeout\(/.test(
        withoutComments(file.getFullText()),
      ),
    };
  });
}

function importsOf(file: SourceFile): readonly Omit<Import, "target">[] {
  const found: Omit<Import, "target">[] = [];
  const add = (literal: ts.Node | undefined, deferred: boolean): void => {
    if (literal !== undefined && ts.isStringLiteralLike(literal))
      found.push({ specifier: literal.text, deferred });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.isTypeOnly === true);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], true);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(file.compilerNode);
  return found;
}

function ownStatementsOf(file: SourceFile): readonly string[] {
  return file.compilerNode.statements
    .filter((s) => !(ts.isExportDeclaration(s) && s.moduleSpecifier !== undefined))
    .map((s) => s.getText(file.compilerNode).split("\n", 1)[0] ?? "");
}

function countCodeLines(text: string): number {
  return withoutComments(text)
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

/** The text with whole-line and block comments removed; a `//` behind code stays. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "").replaceAll(/^\s*\/\/.*$/gm, "");
}
