import { NameFault } from "./name-fault.ts";
import type { Name, NameComponent } from "./name.ts";

function invalid(text: string, at: number, what: string): NameFault {
  return new NameFault(
    { kind: "InvalidName" },
    `"${text}" is no name: ${what} at character ${at + 1}; components are separated by "/", ` +
      `id and kind by one ".", and "\\" stands before a literal "/", "." or "\\"`,
  );
}

function escape(part: string): string {
  return part.replaceAll(/[/.\\]/g, "\\$&");
}

function componentToString({ id, kind }: NameComponent): string {
  if (kind !== "") return `${escape(id)}.${escape(kind)}`;
  // A component without id and kind is legal; "" would be an empty name.
  return id === "" ? "." : escape(id);
}

/**
 * The text of a name: `id.kind/id.kind`, with `\` before a literal `/`, `.` and `\`.
 * @throws NameFault InvalidName for the empty name (Naming Service 1.3, 2.4)
 */
export function nameToString(name: Name): string {
  if (name.length === 0) throw new NameFault({ kind: "InvalidName" }, "the name has no components");
  return name.map(componentToString).join("/");
}

/** Collects one component; `parts` holds the id, and the kind once a `.` was seen. */
class ComponentReader {
  readonly #text: string;
  readonly #start: number;
  #id = "";
  #kind: string | undefined;

  constructor(text: string, start: number) {
    this.#text = text;
    this.#start = start;
  }

  add(character: string): void {
    if (this.#kind === undefined) this.#id += character;
    else this.#kind += character;
  }

  dot(at: number): void {
    if (this.#kind !== undefined) throw invalid(this.#text, at, 'a second "."');
    this.#kind = "";
  }

  end(at: number): NameComponent {
    if (this.#kind === undefined) {
      if (this.#id === "") throw invalid(this.#text, this.#start, "an empty component");
      return { id: this.#id, kind: "" };
    }
    // "a." would be a second spelling of "a"; "." alone is the component without id and kind.
    if (this.#kind === "" && this.#id !== "")
      throw invalid(this.#text, at - 1, 'a "." and no kind');
    return { id: this.#id, kind: this.#kind };
  }
}

/**
 * The inverse of {@link nameToString}; every name has exactly one text.
 * @throws NameFault InvalidName (Naming Service 1.3, 2.4)
 */
export function nameFromString(text: string): NameComponent[] {
  const name: NameComponent[] = [];
  let component = new ComponentReader(text, 0);
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === "/") {
      name.push(component.end(at));
      component = new ComponentReader(text, at + 1);
    } else if (character === ".") {
      component.dot(at);
    } else if (character === "\\") {
      const escaped = text[++at];
      if (escaped !== "/" && escaped !== "." && escaped !== "\\")
        throw invalid(text, at - 1, 'a "\\" that escapes nothing');
      component.add(escaped);
    } else {
      component.add(character);
    }
  }
  name.push(component.end(text.length));
  return name;
}
