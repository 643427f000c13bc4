/**
 * The text of a group of comments without their markers, the stars down their left side, and
 * rulers such as `//////`; undefined when nothing is left.
 */
export function commentText(comments: readonly string[]): string | undefined {
  const lines = comments.flatMap((comment) =>
    comment.startsWith("//") ? [lineComment(comment)] : blockComment(comment),
  );
  while (lines.length > 0 && lines[0] === "") lines.shift();
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  return lines.length > 0 ? lines.join("\n") : undefined;
}

function lineComment(comment: string): string {
  return withoutRuler(comment.replace(/^\/{2,}[!<]?( |$)?/, "").trimEnd());
}

function blockComment(comment: string): string[] {
  const inner = comment.replace(/^\/\*+[!<]?/, "").replace(/\**\/$/, "");
  return inner
    .split(/\r?\n/)
    .map((line) => withoutRuler(line.replace(/^[ \t]*\*? ?/, "").trimEnd()));
}

function withoutRuler(line: string): string {
  return /^[/*=#_-]{3,}$/.test(line.trim()) ? "" : line;
}
