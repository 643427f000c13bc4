import { type Random, seededRandom } from "../../../orb/base/index.ts";

/** Pseudo-random numbers, the same ones for the same seed. */
class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** 0 to `sides` - 1. */
  roll(sides: number): number {
    return Math.floor(this.#random.number() * sides);
  }

  between(least: number, most: number): number {
    return least + this.roll(most - least + 1);
  }

  isOnceIn(times: number): boolean {
    return this.roll(times) === 0;
  }

  pick<T>(of: readonly T[]): T {
    const picked = of[this.roll(of.length)];
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  }
}

/** A type as IDL names it or defines it, and how many TypeCodes it is made of. */
interface Spec {
  readonly text: string;
  readonly weight: number;
}

/** TypeCodes in one type at most: omniORB's messages repeat them in every any. */
const HEAVIEST = 40;

const BASIC: readonly string[] = [
  "short",
  "unsigned short",
  "long",
  "unsigned long",
  "long long",
  "unsigned long long",
  "float",
  "double",
  "boolean",
  "octet",
  "char",
  "wchar",
  "string",
  "wstring",
  "any",
  "Object",
  "Peer",
  "CORBA::TypeCode",
];

const lines = (texts: readonly string[]): string => texts.map((text) => `  ${text}\n`).join("");
const heavier = (specs: readonly Spec[]): number =>
  specs.reduce((sum, { weight }) => sum + weight, 1);

/** Makes definitions, each of which may use those before it. */
class Maker {
  readonly #dice: Dice;
  readonly #known: Spec[] = [];
  readonly #enums: { readonly name: string; readonly size: number }[] = [];
  readonly #makers: readonly ((name: string) => Spec)[] = [
    (name) => this.#struct(name),
    (name) => this.#struct(name),
    (name) => this.#recursive(name),
    (name) => this.#union(name),
    (name) => this.#union(name),
    (name) => this.#enum(name),
    (name) => this.#alias(name),
    (name) => this.#alias(name),
  ];

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  define(name: string): string {
    const { text, weight } = this.#dice.pick(this.#makers)(name);
    if (weight < HEAVIEST / 2) this.#known.push({ text: name, weight: weight + 1 });
    return text;
  }

  /** A type that may stand where no name is declared. */
  #spec(): Spec {
    const dice = this.#dice;
    const light = this.#known.slice(-30);
    if (light.length > 0 && dice.isOnceIn(3)) return dice.pick(light);
    const bound = dice.isOnceIn(2) ? "" : dice.between(1, 9);
    if (dice.isOnceIn(4)) {
      const { text, weight } = this.#spec();
      // With a blank: omniidl reads `>>` as a shift.
      return { text: `sequence<${text}${bound === "" ? " " : `, ${bound}`}>`, weight: weight + 1 };
    }
    if (dice.isOnceIn(8) && bound !== "")
      return { text: `${dice.pick(["string", "wstring"])}<${bound}>`, weight: 1 };
    if (dice.isOnceIn(12)) {
      const digits = dice.between(1, 31);
      return { text: `fixed<${digits}, ${dice.roll(digits + 1)}>`, weight: 1 };
    }
    return { text: dice.pick(BASIC), weight: 1 };
  }

  /** A name with the lengths of an array behind it, now and then. */
  #declarator(name: string): string {
    if (!this.#dice.isOnceIn(6)) return name;
    const lengths = Array.from({ length: this.#dice.between(1, 2) }, () =>
      this.#dice.between(1, 3),
    );
    return `${name}${lengths.map((length) => `[${length}]`).join("")}`;
  }

  /** Some types, as many as are not too heavy together. */
  #specs(most: number): readonly Spec[] {
    const specs: Spec[] = [];
    for (let left = this.#dice.between(1, most); left > 0; left--) {
      const spec = this.#spec();
      if (heavier([...specs, spec]) < HEAVIEST) specs.push(spec);
    }
    return specs.length === 0 ? [{ text: "long", weight: 1 }] : specs;
  }

  #members(): { readonly texts: readonly string[]; readonly weight: number } {
    const specs = this.#specs(6);
    const texts = specs.map(({ text }, i) => `${text} ${this.#declarator(`m${i}`)};`);
    return { texts, weight: heavier(specs) };
  }

  #struct(name: string): Spec {
    const { texts, weight } = this.#members();
    if (!this.#dice.isOnceIn(4)) return { text: `struct ${name} {\n${lines(texts)}};`, weight };
    // A struct declared where it is used.
    const inner = this.#members();
    const nested = `struct Inner {\n${lines(inner.texts)}} ${this.#declarator("nested")};`;
    return {
      text: `struct ${name} {\n${lines([...texts, nested])}};`,
      weight: weight + inner.weight,
    };
  }

  #recursive(name: string): Spec {
    const { texts, weight } = this.#members();
    const text = `struct ${name} {\n${lines([...texts, `sequence<${name}> rest;`])}};`;
    // Never part of another one: an array of them would have values without end.
    return { text, weight: weight + HEAVIEST };
  }

  #enum(name: string): Spec {
    const size = this.#dice.between(1, 7);
    const names = Array.from({ length: size }, (_, i) => `${name}_e${i}`);
    this.#enums.push({ name, size });
    return { text: `enum ${name} { ${names.join(", ")} };`, weight: 1 };
  }

  #alias(name: string): Spec {
    const { text, weight } = this.#spec();
    return { text: `typedef ${text} ${this.#declarator(name)};`, weight };
  }

  /** A discriminator's type and labels of it, each once. */
  #labels(): { readonly type: string; readonly labels: readonly string[]; readonly all: number } {
    const dice = this.#dice;
    const first = dice.between(0, 20);
    const numbers = Array.from({ length: 6 }, (_, i) => String(first + 3 * i));
    const negative = numbers.map((n) => (n === "0" ? n : `-${n}`));
    const enumeration = this.#enums.length > 0 ? dice.pick(this.#enums) : undefined;
    const choices: readonly (readonly [string, readonly string[], number])[] = [
      ["short", negative, Infinity],
      ["unsigned short", numbers, Infinity],
      ["long", numbers, Infinity],
      ["unsigned long", numbers, Infinity],
      ["long long", negative, Infinity],
      ["unsigned long long", numbers, Infinity],
      ["char", ["'a'", "'Z'", "' '", "'\\''", "'\\xe9'"], Infinity],
      ["boolean", ["TRUE", "FALSE"], 2],
    ];
    if (enumeration === undefined || dice.isOnceIn(2)) {
      const [type, labels, all] = dice.pick(choices);
      return { type, labels, all };
    }
    const { name, size } = enumeration;
    const labels = Array.from({ length: size }, (_, i) => `${name}_e${i}`);
    return { type: name, labels, all: size };
  }

  #union(name: string): Spec {
    const { type, labels, all } = this.#labels();
    const specs = this.#specs(4);
    const left = [...labels];
    const cases: string[] = [];
    for (const [i, { text }] of specs.entries()) {
      const own = left.splice(0, this.#dice.between(1, 2));
      if (own.length === 0) break;
      const head = own.map((label) => `case ${label}: `).join("");
      cases.push(`${head}${text} ${this.#declarator(`m${i}`)};`);
    }
    // A default needs a value that has no label.
    const used = labels.length - left.length;
    if (used < all && this.#dice.isOnceIn(2)) {
      const { text } = this.#dice.isOnceIn(2) ? { text: "long" } : { text: "string" };
      cases.splice(this.#dice.roll(cases.length + 1), 0, `default: ${text} other;`);
    }
    return {
      text: `union ${name} switch (${type}) {\n${lines(cases)}};`,
      weight: heavier(specs) + 2,
    };
  }
}

/**
 * IDL of random types, the same for the same seed: module `RandomTypes` declares `T0` to `T<count - 1>`. omniidl reads
 * it, too.
 */
export function randomIdl(seed: number, count: number): string {
  const maker = new Maker(seed);
  const definitions = Array.from({ length: count }, (_, i) => maker.define(`T${i}`));
  return `#pragma prefix "test.orbweaver"\nmodule RandomTypes {\ninterface Peer { void ping(); };\n${definitions.join("\n")}\n};\n`;
}
