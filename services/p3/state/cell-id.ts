/**
 * A cell's place in the tree: one hexadecimal digit per level, the root's first. The root is "1", its second
 * child "12". A span of at most 15 children and a depth of at most 31 levels below the root follow from it.
 */
export type CellId = string;

/** The digits of a child within its parent: "1" to "f". */
export type Digit = string;

export const ROOT_CELL: CellId = "1";

/** Children a cell may have at most. */
export const LARGEST_SPAN: number = 15;

/** Levels below the root's at most. */
export const LARGEST_DEPTH: number = 31;

/** Digits that a cell id is printed with: the places of absent levels are 0. */
const PRINTED_DIGITS = LARGEST_DEPTH + 1;

const VALID = /^1[1-9a-f]{0,31}$/;

/** 0 for the root. */
export function depthOf(cell: CellId): number {
  return cell.length - 1;
}

/** The cell above; undefined for the root. */
export function parentOf(cell: CellId): CellId | undefined {
  return cell.length > 1 ? cell.slice(0, -1) : undefined;
}

/**
 * The cell beneath by its number, 1 to 15.
 * @throws RangeError for another number, and below the deepest level
 */
export function childOf(cell: CellId, number: number): CellId {
  if (!Number.isInteger(number) || number < 1 || number > LARGEST_SPAN)
    throw new RangeError(`child ${number} of cell ${cell}: 1 to ${LARGEST_SPAN} are allowed`);
  if (depthOf(cell) >= LARGEST_DEPTH)
    throw new RangeError(`cell ${cell} is on level ${LARGEST_DEPTH}, the deepest there is`);
  return cell + number.toString(16);
}

/** The last digit: which child of its parent a cell is. */
export function digitOf(cell: CellId): Digit {
  return cell.slice(-1);
}

/** Whether `inner` is `outer` or lies beneath it. */
export function contains(outer: CellId, inner: CellId): boolean {
  return inner.startsWith(outer);
}

export function isCellId(text: string): boolean {
  return VALID.test(text);
}

/** The 32 digits that logs and other peers show: the places of absent levels are 0. */
export function printCell(cell: CellId): string {
  return cell.padEnd(PRINTED_DIGITS, "0");
}

/** Reads what {@link printCell} wrote. @returns undefined when it is no cell's id */
export function parseCell(text: string): CellId | undefined {
  if (text.length !== PRINTED_DIGITS) return undefined;
  const digits = text.replace(/0+$/, "");
  return isCellId(digits) ? digits : undefined;
}
