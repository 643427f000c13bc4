import { CodeBlockWriter, type StatementStructures } from "ts-morph";

/** A statement of a file: ts-morph's structure, or its text where that has several lines ts-morph would indent once more. */
export type Statement = StatementStructures | string;

/** Text written with a code writer: two blanks of indentation, double quotes. */
export function bodyOf(write: (writer: CodeBlockWriter) => void): string {
  const writer = new CodeBlockWriter({ indentNumberOfSpaces: 2, newLine: "\n" });
  write(writer);
  return writer.toString();
}
