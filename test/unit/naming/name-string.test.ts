import test from "ava";
import fc from "fast-check";

import {
  NameFault,
  nameFromString,
  nameToString,
  nameToUrl,
} from "../../../services/naming/index.ts";

const faultOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof NameFault) return thrown.fault.kind;
    throw thrown;
  }
  return undefined;
};

const component = (id: string, kind = ""): { id: string; kind: string } => ({ id, kind });

test("the forms of one component", (t) => {
  t.deepEqual(nameFromString("a"), [component("a")]);
  t.deepEqual(nameFromString("a.b"), [component("a", "b")]);
  t.deepEqual(nameFromString(".b"), [component("", "b")]);
  t.deepEqual(nameFromString("."), [component("")]);
});

test("names that omniNames reads are read the same", (t) => {
  t.deepEqual(nameFromString("a/b"), [component("a"), component("b")]);
  t.deepEqual(nameFromString("a\\.b"), [component("a.b")]);
  t.deepEqual(nameFromString("a\\/b.c"), [component("a/b", "c")]);
  t.deepEqual(nameFromString("./."), [component(""), component("")]);
});

for (const text of ["a.", "a.b.c", "a//b", "/a", "a/", "", "a\\", "\\x", "..", "a/.b.", "/"]) {
  test(`"${text}" is no name`, (t) => {
    t.is(
      faultOf(() => nameFromString(text)),
      "InvalidName",
    );
  });
}

test("the message says where and what is allowed", (t) => {
  t.throws(() => nameFromString("ab/c\\x"), { message: /"ab\/c\\x" is no name: .* character 5;/ });
});

test("text of names", (t) => {
  t.is(nameToString([component("x.y", "z/w")]), "x\\.y.z\\/w");
  t.is(nameToString([component("")]), ".");
  t.is(nameToString([component("a\\b")]), "a\\\\b");
  t.is(nameToString([component("", "k"), component("i")]), ".k/i");
  t.is(
    faultOf(() => nameToString([])),
    "InvalidName",
  );
});

// Few characters, so that the special ones meet often.
const part = fc.string({ unit: fc.constantFrom("a", "/", ".", "\\", "é", "😀") });
const names = fc.array(fc.record({ id: part, kind: part }), { minLength: 1, maxLength: 5 });

test("every name survives its text", (t) => {
  fc.assert(
    fc.property(names, (name) => {
      t.deepEqual(nameFromString(nameToString(name)), name);
    }),
  );
});

test("a text that is a name is the name's only text", (t) => {
  fc.assert(
    fc.property(part, (text) => {
      if (faultOf(() => nameFromString(text)) === undefined)
        t.is(nameToString(nameFromString(text)), text);
      else
        t.is(
          faultOf(() => nameFromString(text)),
          "InvalidName",
        );
    }),
  );
});

test("URLs as omniNames makes them", (t) => {
  t.is(nameToUrl(":host:2809", "a/b c"), "corbaname::host:2809#a/b%20c");
  t.is(nameToUrl("rir:", "a.b"), "corbaname:rir:#a.b");
  t.is(nameToUrl("iiop:h:1/key", "x"), "corbaname:iiop:h:1/key#x");
  t.is(nameToUrl(":h", "a%b\\.c"), "corbaname::h#a%25b%5c.c");
  t.is(nameToUrl(":h", ""), "corbaname::h");
  t.is(nameToUrl(":[::1]:2809", "é"), "corbaname::[::1]:2809#%c3%a9");
  t.is(nameToUrl(":h1,iiop:1.2@h2/NameService", "a"), "corbaname::h1,iiop:1.2@h2/NameService#a");
  t.is(nameToUrl(":h", 'x"<>{}|^`y'), "corbaname::h#x%22%3c%3e%7b%7d%7c%5e%60y");
  t.is(nameToUrl(":h", "a;b:@&=+$,-_!~*'()"), "corbaname::h#a;b:@&=+$,-_!~*'()");
});

for (const address of ["", "h", "foo:h", ":h,", "rir:,:h", ":h/k#x", ":h:99999", " :h"]) {
  test(`"${address}" is no address`, (t) => {
    t.is(
      faultOf(() => nameToUrl(address, "a")),
      "InvalidAddress",
    );
  });
}

test("a URL needs a name that is one", (t) => {
  t.is(
    faultOf(() => nameToUrl(":h", "a//b")),
    "InvalidName",
  );
});

test("the fragment of a URL leads back to the name", (t) => {
  fc.assert(
    fc.property(names, (name) => {
      const text = nameToString(name);
      const [, fragment = ""] = nameToUrl(":h", text).split("#");
      t.is(decodeURIComponent(fragment), text);
    }),
  );
});
