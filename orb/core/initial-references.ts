import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";
import type { ObjectReference } from "../object/index.ts";
import { InvalidName } from "./exceptions.ts";
import type { OrbSettings } from "./options.ts";

/** Objects of this process, which are no references and cannot be registered anew. */
export const OWN_REFERENCES: readonly string[] = [
  "RootPOA",
  "POACurrent",
  "POAManagerFactory",
  "DynAnyFactory",
  "ORBPolicyManager",
  "PolicyCurrent",
  "RTORB",
  "RTCurrent",
  "PriorityMappingManager",
];

/** The well-known objects of one ORB by name (CORBA 3.3 Part 1, 8.5.2). */
export class InitialReferences {
  readonly #registered = new Map<string, ObjectReference>();
  readonly #urls: ReadonlyMap<string, string>;
  readonly #defaultUrl: string | undefined;
  readonly #toObject: (url: string) => Promise<ObjectReference | null>;

  constructor(settings: OrbSettings, toObject: (url: string) => Promise<ObjectReference | null>) {
    this.#urls = settings.initRef;
    this.#defaultUrl = settings.defaultInitRef;
    this.#toObject = toObject;
  }

  names(): readonly string[] {
    return [...new Set([...this.#registered.keys(), ...this.#urls.keys()])];
  }

  register(id: string, reference: ObjectReference | null): void {
    if (reference === null) {
      throw new BAD_PARAM(
        `register_initial_reference("${id}"): nil`,
        MINOR.nilInitialReference,
        Completion.no,
      );
    }
    if (id === "" || this.#registered.has(id) || OWN_REFERENCES.includes(id)) {
      throw new InvalidName(
        id === "" ? "an initial reference needs a name" : `"${id}" is registered already`,
      );
    }
    this.#registered.set(id, reference);
  }

  /** Takes a registered one away; what is given by URL stays. */
  forget(id: string): void {
    this.#registered.delete(id);
  }

  /** @throws InvalidName */
  async resolve(id: string): Promise<ObjectReference> {
    const registered = this.#registered.get(id);
    if (registered !== undefined) return registered;
    const url =
      this.#urls.get(id) ??
      (this.#defaultUrl === undefined ? undefined : `${this.#defaultUrl}/${id}`);
    if (url === undefined) {
      throw new InvalidName(
        `no initial reference "${id}"; known: ${[...OWN_REFERENCES, ...this.names()].join(", ")}. Give it with -ORBInitRef ${id}=corbaloc::HOST:PORT/${id}`,
      );
    }
    const reference = await this.#toObject(url);
    if (reference === null) throw new InvalidName(`the initial reference "${id}" is nil: ${url}`);
    return reference;
  }
}
