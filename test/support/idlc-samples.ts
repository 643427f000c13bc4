import fc from "fast-check";

/** Random IDL that parses, of every kind of declaration there is; names and types need not exist. */

const NAMES = ["a", "B", "_struct", "x1", "port", "_y", "Map", "home"] as const;
const name = fc.constantFrom(...NAMES);
const scoped = fc.constantFrom("a", "::a", "B::x1", "::a::B::_struct", "port::x1");
const names = fc.array(scoped, { minLength: 1, maxLength: 3 }).map((list) => list.join(", "));

/** `before`, the text and `after`, or nothing. */
function optional(
  text: fc.Arbitrary<string>,
  before: string = "",
  after: string = "",
): fc.Arbitrary<string> {
  return fc
    .option(text, { nil: undefined })
    .map((t) => (t === undefined ? "" : before + t + after));
}

function joined(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  return fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((texts) => texts.join(""));
}

function several(
  one: fc.Arbitrary<string>,
  { from = 0, to = 3, by = " " }: { from?: number; to?: number; by?: string } = {},
): fc.Arbitrary<string> {
  return fc.array(one, { minLength: from, maxLength: to }).map((list) => list.join(by));
}

const LITERALS = [
  ..."0 1 017 0x1F 18446744073709551615 2.5e3 .5 1. 1.5E-3 12.50d .5D 3d TRUE FALSE 'c' '\\n' L'w'".split(
    " ",
  ),
  '"s"',
  '"a" "b\\x41"',
  'L"w"',
  'L"\\u20AC" L"x"',
  "'\\''",
];

const expression = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(...LITERALS, "::a::B", "x1"),
    fc.tuple(fc.constantFrom("-", "~", "+"), tie("e")).map(([o, e]) => `${o}(${e})`),
    fc
      .tuple(tie("e"), fc.constantFrom(..."+ - * / % << >> & | ^".split(" ")), tie("e"))
      .map(([a, o, b]) => `${a} ${o} ${b}`),
    tie("e").map((e) => `(${e})`),
  ),
})).e;
const bracketed = expression.map((e) => `(${e})`);

const PRIMITIVES = [
  ..."short long float double boolean char wchar octet any Object ValueBase string wstring".split(
    " ",
  ),
  "long long",
  "long double",
  "unsigned short",
  "unsigned long",
  "unsigned long long",
  ..."int8 int16 int32 int64 uint8 uint16 uint32 uint64".split(" "),
];

/** What stands as the type of a parameter: a name or a word. */
const simpleType = fc.oneof(
  fc.constantFrom(...PRIMITIVES),
  scoped,
  joined(fc.constantFrom("string<", "wstring<"), bracketed, ">"),
);

const templateType = fc.letrec<{ t: string }>((tie) => ({
  t: fc.oneof(
    { depthSize: "small" },
    simpleType,
    joined("sequence<", tie("t"), optional(bracketed, ", "), ">"),
    joined("map<", tie("t"), ", ", tie("t"), optional(bracketed, ", "), ">"),
    joined("fixed<", bracketed, ", ", bracketed, ">"),
  ),
})).t;

const annotation = fc.oneof(
  fc.constantFrom("@key", "@default(-1)", "@M::note", "@id()", "@final"),
  joined("@note(", name, " = ", expression, optional(expression, ", b = "), ")"),
);
const annotations = several(annotation, { to: 2 }).map((text) => (text === "" ? "" : `${text} `));

const declarator = joined(
  name,
  several(
    bracketed.map((e) => `[${e}]`),
    { to: 2, by: "" },
  ),
);
const declarators = several(declarator, { from: 1, to: 2, by: ", " });
const member = joined(annotations, templateType, " ", declarators, ";");
const enumerators = several(joined(annotations, name), { from: 1, by: ", " });

const label = fc.oneof(
  expression.map((e) => `case ${e}:`),
  fc.constant("default:"),
);
const unionCase = (type: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  joined(annotations, several(label, { from: 1, to: 2 }), " ", type, " ", declarator, ";");

const DISCRIMINATORS = "long octet wchar char boolean int8 uint64".split(" ");

/** Structs, unions and enums, in each other too. */
const constructed = fc.letrec<{ c: string; t: string }>((tie) => ({
  t: fc.oneof({ depthSize: "small" }, templateType, tie("c")),
  c: fc.oneof(
    joined("enum ", name, " { ", enumerators, " }"),
    joined(
      "struct ",
      name,
      optional(scoped, " : "),
      " { ",
      several(joined(annotations, tie("t"), " ", declarators, ";")),
      " }",
    ),
    joined(
      "union ",
      name,
      " switch (",
      fc.oneof(
        fc.constantFrom(...DISCRIMINATORS),
        scoped,
        joined("enum ", name, " { ", enumerators, " }"),
      ),
      ") { ",
      several(unionCase(tie("t")), { from: 1 }),
      " }",
    ),
  ),
}));

const raises = optional(names, " raises (", ")");
const parameter = (modes: readonly string[]): fc.Arbitrary<string> =>
  joined(annotations, fc.constantFrom(...modes), " ", simpleType, " ", name);
const inParameters = several(parameter(["in"]), { by: ", " });

const attribute = fc.oneof(
  joined("attribute ", simpleType, " ", several(name, { from: 1, to: 2, by: ", " })),
  joined(
    "attribute ",
    simpleType,
    " ",
    name,
    optional(names, " getraises (", ")"),
    optional(names, " setraises (", ")"),
  ),
  joined("readonly attribute ", simpleType, " ", name, raises),
);
const operation = joined(
  fc.constantFrom("", "oneway "),
  fc.oneof(fc.constant("void"), simpleType),
  " ",
  name,
  "(",
  several(parameter(["in", "out", "inout"]), { by: ", " }),
  ")",
  raises,
  optional(fc.constantFrom('"a*"', '"a", "b.c"'), " context (", ")"),
);

const typeId = fc.oneof(
  joined("typeid ", scoped, ' "IDL:x:1.0"'),
  joined("typeprefix ", scoped, ' "x" ".org"'),
);

/** What may stand in modules, interfaces and values. */
const common = fc.oneof(
  joined("typedef ", constructed.t, " ", declarators),
  constructed.c,
  constructed.c,
  joined(fc.constantFrom("struct ", "union ", "native "), name),
  joined("exception ", name, " { ", several(member), " }"),
  joined(
    "const ",
    fc.oneof(simpleType, fc.constant("fixed"), fc.constant("long double")),
    " ",
    name,
    " = ",
    expression,
  ),
  joined("bitmask ", name, " { ", enumerators, " }"),
  joined(
    "bitset ",
    name,
    optional(scoped, " : "),
    " { ",
    several(
      joined(
        annotations,
        "bitfield<",
        bracketed,
        optional(fc.constantFrom("long", "octet", "boolean", "uint16"), ", "),
        ">",
        several(
          name.map((n) => ` ${n}`),
          { to: 2, by: "" },
        ),
        ";",
      ),
    ),
    " }",
  ),
  typeId,
);

const ended = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => joined(annotations, text, ";");
const exported = ended(fc.oneof(common, attribute, operation));
const factory = (word: string): fc.Arbitrary<string> =>
  joined(`${word} `, name, "(", inParameters, ")", raises);
const state = joined(fc.constantFrom("public ", "private "), templateType, " ", declarators);
const valueMember = fc.oneof(exported, ended(state), ended(factory("factory")));
const homeMember = fc.oneof(exported, ended(factory("factory")), ended(factory("finder")));

const supports = optional(names, " supports ");
const port = fc.oneof(
  joined(
    fc.constantFrom("provides ", "uses ", "uses multiple "),
    fc.oneof(scoped, fc.constant("Object")),
    " ",
    name,
  ),
  joined(
    fc.constantFrom("emits ", "publishes ", "consumes ", "port ", "mirrorport "),
    scoped,
    " ",
    name,
  ),
);
const ports = several(ended(fc.oneof(port, attribute)));

const templateParameter = fc.oneof(
  joined(
    fc.constantFrom(
      ..."typename interface valuetype eventtype struct union exception enum sequence".split(" "),
    ),
    " ",
    name,
  ),
  joined("const ", simpleType, " ", name),
  joined("sequence<", scoped, "> ", name),
);
const templateArguments = several(
  fc.oneof(
    templateType.filter((text) => /^[a-z]/.test(text)),
    bracketed,
    scoped,
  ),
  { from: 1, by: ", " },
);

const annotationMember = fc.oneof(
  joined(simpleType, " ", name, optional(expression, " default "), ";"),
  joined("enum ", name, " { ", enumerators, " };"),
  joined("const long ", name, " = ", expression, ";"),
);

/** What stands in modules only, but for modules. */
const ofModule = fc.oneof(
  { arbitrary: common, weight: 4 },
  joined(fc.constantFrom("", "abstract ", "local "), "interface ", name),
  joined(
    fc.constantFrom("", "abstract ", "local "),
    "interface ",
    name,
    optional(names, " : "),
    " { ",
    several(exported),
    " }",
  ),
  joined(fc.constantFrom("", "abstract "), fc.constantFrom("valuetype ", "eventtype "), name),
  joined("valuetype ", name, " ", constructed.t),
  joined(
    fc.constantFrom("", "abstract ", "custom "),
    fc.constantFrom("valuetype ", "eventtype "),
    name,
    fc.oneof(fc.constant(""), joined(fc.constantFrom(" : ", " : truncatable "), names)),
    supports,
    " { ",
    several(valueMember),
    " }",
  ),
  joined(fc.constantFrom("component ", "connector ", "porttype "), name),
  joined("component ", name, optional(scoped, " : "), supports, " { ", ports, " }"),
  joined("connector ", name, optional(scoped, " : "), " { ", ports, " }"),
  joined("porttype ", name, " { ", ports, " }"),
  joined(
    "home ",
    name,
    optional(scoped, " : "),
    supports,
    " manages ",
    scoped,
    optional(scoped, " primarykey "),
    " { ",
    several(homeMember),
    " }",
  ),
  joined("import ", fc.oneof(scoped, fc.constant('"a.idl"'))),
  joined('typeprefix :: "', name, '"'),
  joined(
    "module ",
    scoped.filter((n) => !n.startsWith("::")),
    "<",
    templateArguments,
    "> ",
    name,
  ),
);

const annotationDeclaration = joined("@annotation ", name, " { ", several(annotationMember), " };");

const definition = fc.letrec<{ d: string }>((tie) => ({
  d: fc.oneof(
    { depthSize: "small" },
    ended(ofModule),
    annotationDeclaration,
    joined(annotations, "module ", name, " { ", several(tie("d"), { from: 1 }), " };"),
    joined(
      annotations,
      "module ",
      name,
      "<",
      several(templateParameter, { from: 1, by: ", " }),
      "> { ",
      several(
        fc.oneof(tie("d"), joined("alias ", scoped, "<", templateArguments, "> ", name, ";")),
      ),
      " };",
    ),
  ),
})).d;

/** The text of a whole file. */
export const idlText: fc.Arbitrary<string> = several(definition, { from: 1, to: 4 });
