import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "ava";
import { blocksOf, fits, runGuide, stepsOf } from "../../support/guide.ts";

const DOCS: string = fileURLToPath(new URL("../../../../docs/", import.meta.url));

const guides = readdirSync(DOCS)
  .filter((name) => name.endsWith(".md"))
  .filter((name) => readFileSync(DOCS + name, "utf8").includes("```console run"));

for (const name of guides) {
  test.serial(`${name} does what it says`, async (t) => {
    t.timeout(120_000);
    t.is(await runGuide(DOCS + name), undefined);
  });
}

test("every link of a guide leads to a file", (t) => {
  for (const name of readdirSync(DOCS).filter((file) => file.endsWith(".md"))) {
    const text = readFileSync(DOCS + name, "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      t.notThrows(() => statSync(DOCS + target), `${name}: ${target}`);
    }
  }
});

test("every guide is in the list of guides", (t) => {
  const list = readFileSync(`${DOCS}README.md`, "utf8");
  const others = readdirSync(DOCS).filter((file) => file.endsWith(".md") && file !== "README.md");
  t.deepEqual(
    others.filter((file) => !list.includes(`](${file})`)),
    [],
  );
});

test("a guide with a wrong line would be found", (t) => {
  t.is(blocksOf("```ts file=a.ts\nx\n```\n")[0]?.text, "x\n");
  t.deepEqual(stepsOf("$ node a.js &\none\n$ node b.js\n"), [
    { command: "node a.js", isBackground: true, expected: ["one"] },
    { command: "node b.js", isBackground: false, expected: [] },
  ]);
  t.true(fits("after … ms", "after 12 ms"));
  t.false(fits("after … ms", "after 12 s"));
  t.false(fits("a.c", "abc"));
});
