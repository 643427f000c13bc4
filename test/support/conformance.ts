/** One row of docs/conformance.md. */
export interface Row {
  /** Title of the chapter it stands under. */
  readonly chapter: string;
  readonly line: number;
  readonly subject: string;
  readonly state: string;
  readonly shownBy: string;
  readonly remark: string;
}

/** What the rows may name. */
export interface Evidence {
  /** Source of a unit test by its path below test/unit; undefined where there is no such file. */
  readonly sourceOf: (path: string) => string | undefined;
  /** The named checks against other ORBs. */
  readonly checks: readonly string[];
}

const STATES: readonly string[] = ["yes", "part", "not yet", "no"];

/** The rows of all tables with four columns, and the chapters in which they stand. */
export function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = [];
  let chapter = "";
  for (const [at, line] of text.split("\n").entries()) {
    if (line.startsWith("### ")) chapter = line.slice(4).trim();
    if (!line.startsWith("|") || /^\|(?: ---|-)/.test(line)) continue;
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const [, subject = "", state = "", shownBy = "", remark = ""] = cells;
    if (subject === "subject") continue;
    const isWhole = cells.length === 6;
    rows.push({
      chapter,
      line: at + 1,
      subject,
      state: isWhole ? state : `${cells.length - 2} columns`,
      shownBy,
      remark,
    });
  }
  return rows;
}

/** A call at the start of a line with a text first: `test(…)`, and what a file wraps around it. */
const TITLE = /^\s*\w+(?:\.\w+)*\(\s*(?:"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`)/gm;
const PLACEHOLDER = /\$\{(?:[^{}]|\{[^}]*\})*\}/;

/**
 * Whether a test of that title stands in the source. What a title takes from data may be written as "…", or
 * in full where the source holds it as well.
 */
export function hasTest(source: string, title: string): boolean {
  for (const [, plain, template] of source.matchAll(TITLE)) {
    if (plain === title) return true;
    if (template === undefined) continue;
    const fixed = template
      .split(PLACEHOLDER)
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    const values = new RegExp(`^${fixed.join("(.+?)")}$`).exec(title)?.slice(1);
    if (values?.every((value) => value === "…" || source.includes(value))) return true;
  }
  return false;
}

/** What is wrong with one cell "shown by": `file.test.ts` "title", "title"; `group/check`; `group/*`. */
function faultsOfEvidence(cell: string, evidence: Evidence): readonly string[] {
  const faults: string[] = [];
  let file: string | undefined;
  let titles = 1;
  const end = (): void => {
    if (titles === 0) faults.push(`no title of a test in ${file}`);
  };
  const rest = cell.replace(/`([^`]+)`|"([^"]+)"/g, (_, code?: string, title?: string) => {
    if (title !== undefined) {
      titles++;
      const source = file === undefined ? undefined : evidence.sourceOf(file);
      if (file === undefined) faults.push(`"${title}" stands behind no file`);
      else if (source !== undefined && !hasTest(source, title)) {
        faults.push(`${file} has no test "${title}"`);
      }
      return "";
    }
    end();
    const name = code ?? "";
    file = name.endsWith(".ts") ? name : undefined;
    titles = file === undefined ? 1 : 0;
    if (file !== undefined) {
      if (evidence.sourceOf(file) === undefined) faults.push(`there is no test/unit/${file}`);
    } else if (!evidence.checks.some((check) => isNamed(check, name))) {
      faults.push(`test/interop/checks.txt has no ${name}`);
    }
    return "";
  });
  end();
  if (/[^\s,;]/.test(rest)) faults.push(`not understood: ${rest.trim()}`);
  return faults;
}

function isNamed(check: string, name: string): boolean {
  return name.endsWith("*") ? check.startsWith(name.slice(0, -1)) : check === name;
}

/** What is wrong with a row, as far as it can be told without reading the tests. */
export function faultsOf(row: Row, evidence: Evidence): readonly string[] {
  const { state, shownBy, remark } = row;
  const faults = [...faultsOfEvidence(shownBy, evidence)];
  if (!STATES.includes(state)) faults.push(`state "${state}"; allowed: ${STATES.join(", ")}`);
  const isShown = state === "yes" || state === "part";
  if (isShown && shownBy === "") faults.push("no test shows it");
  if (!isShown && shownBy !== "") faults.push("a test shows what is not there");
  if (state !== "yes" && remark === "") faults.push("it does not say what is missing");
  return faults.map((fault) => `line ${row.line}, ${row.subject}: ${fault}`);
}
