import test from "ava";
import {
  decodeSource,
  Diagnostics,
  renderDiagnostic,
  SourceText,
} from "../../../idlc/source/index.ts";

test("places are those of the file as written, over continued lines and a byte order mark", (t) => {
  const file = new SourceText("a.idl", "\uFEFFab\\\ncd\\\r\nef\ngh", true);
  t.is(file.text, "abcdef\ngh");
  const places = [0, 1, 2, 3, 4, 5, 7].map((at) => file.positionOf(at));
  t.deepEqual(
    places.map(({ line, column }) => `${line}:${column}`),
    ["1:1", "1:2", "2:1", "2:2", "3:1", "3:2", "4:1"],
  );
  t.is(file.lineText(2), "cd\\");
  t.is(file.lineText(5), "");
});

test("CRLF ends lines and is no part of them", (t) => {
  const file = new SourceText("a.idl", "one\r\ntwo\r\n", true);
  t.deepEqual(file.positionOf(5), { line: 2, column: 1 });
  t.is(file.lineText(1), "one");
});

test("a diagnostic shows place, line and caret, and the second place as a note", (t) => {
  const file = new SourceText("dir/a.idl", "\tlong x;\n\tlong x;\n", true);
  const diagnostics = new Diagnostics();
  const related = { message: "x is declared here", span: { file, start: 6, end: 7 } };
  diagnostics.error("redefinition", "x is declared twice", { file, start: 15, end: 16 }, related);
  const [diagnostic] = diagnostics.sorted();
  t.is(
    diagnostic && renderDiagnostic(diagnostic),
    [
      "dir/a.idl:2:7: error: x is declared twice",
      "\tlong x;",
      "\t     ^",
      "dir/a.idl:1:7: note: x is declared here",
      "\tlong x;",
      "\t     ^",
    ].join("\n"),
  );
});

test("diagnostics come by file and place, whatever stage found them first", (t) => {
  const a = new SourceText("a.idl", "0123456789", true);
  const b = new SourceText("b.idl", "0123456789", true);
  const diagnostics = new Diagnostics();
  diagnostics.error("syntax", "third", { file: a, start: 7, end: 8 });
  diagnostics.error("syntax", "fourth", { file: b, start: 0, end: 1 });
  diagnostics.warning("implicit-conversion", "first", { file: a, start: 1, end: 2 });
  diagnostics.error("syntax", "second", { file: a, start: 5, end: 6 });
  t.deepEqual(
    diagnostics.sorted().map((d) => d.message),
    ["first", "second", "third", "fourth"],
  );
  t.is(diagnostics.errorCount, 3);
});

test("octets are UTF-8 where they can be, else ISO 8859-1", (t) => {
  t.is(decodeSource(Uint8Array.of(0xc3, 0xa9)), "é");
  t.is(decodeSource(Uint8Array.of(0xe9)), "é");
});
