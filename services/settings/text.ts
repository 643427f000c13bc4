import type { Option, Section } from "./option.ts";

/** Columns of a terminal. */
const COLUMNS = 110;
/** A value as a file has it; JSON is TOML for everything but tables. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  const members = Object.entries(value).map(([key, each]) => `${key} = ${valueText(each)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** What is in force where nothing is said. */
function standardText(
  { standard, otherwise = "" }: Option<unknown>,
  quote: (value: string) => string,
): string {
  return standard === undefined ? otherwise : quote(valueText(standard));
}

function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length + word.length >= COLUMNS && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/** All options, for `--help`. */
export function helpText(sections: readonly Section[]): string {
  return sections
    .map(({ header, means, options }) => {
      const keys = Object.entries(options).flatMap(([key, option]) => {
        const { check, unit, means: what } = option;
        const standard = standardText(option, (value) => value);
        const takes = [check.allows, unit, standard === "" ? "" : `default ${standard}`];
        const told = takes.filter((each) => each !== undefined && each !== "").join("; ");
        return [`    ${key}`, ...wrapped(`${what} (${told})`, "        ")];
      });
      return [...wrapped(`${header}  ${means}`, "  "), ...keys].join("\n");
    })
    .join("\n\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** All options as tables of Markdown. */
export function markdownText(sections: readonly Section[]): string {
  return sections
    .map(({ header, means, options }) => {
      const rows = Object.entries(options).map(([key, option]) => {
        const standard = standardText(option, (value) => `\`${value}\``);
        const columns = [
          `\`${key}\``,
          option.check.allows ?? "",
          option.unit ?? "",
          standard,
          option.means,
        ];
        return `| ${columns.map(cell).join(" | ")} |`;
      });
      return [
        `### \`${header}\``,
        "",
        means,
        "",
        "| key | takes | unit | default | |",
        "| --- | --- | --- | --- | --- |",
        ...rows,
      ].join("\n");
    })
    .join("\n\n");
}
