import { Completion, INTF_REPOS, MINOR, SystemException } from "../exception/index.ts";
import type { ClientOperation } from "../call/index.ts";
import { invoke, ObjectReference } from "../object/index.ts";
import type { InterfaceFinder } from "../poa/index.ts";
import { InvalidName } from "./exceptions.ts";
import type { InitialReferences } from "./initial-references.ts";

/** CORBA::Repository::lookup_id, as far as it is needed here (CORBA 3.3 Part 1, 14.5.6). */
const LOOKUP_ID: ClientOperation<readonly [string], unknown> = {
  name: "lookup_id",
  writeArguments: (out, args) => void out.string(args[0]),
  readResult: (input) => input.context.readObject(input),
};

/** The initial reference that names the interface repository. */
const NAME = "InterfaceRepository";

/** The interface repository of an ORB: its initial reference `InterfaceRepository`, asked anew each time. */
export class InterfaceRepository implements InterfaceFinder {
  readonly #initial: () => InitialReferences;

  /** @param initial called at the first question, when the ORB is complete */
  constructor(initial: () => InitialReferences) {
    this.#initial = initial;
  }

  async interfaceOf(repositoryId: string): Promise<ObjectReference> {
    const found = await this.#lookUp(repositoryId);
    if (found instanceof ObjectReference) return found;
    throw new INTF_REPOS(
      `the interface repository has no ${repositoryId}`,
      MINOR.interfaceRepositoryEntryMissing,
      Completion.no,
    );
  }

  async #lookUp(repositoryId: string): Promise<unknown> {
    try {
      return await invoke(await this.#initial().resolve(NAME), LOOKUP_ID, [repositoryId]);
    } catch (cause) {
      const text =
        cause instanceof InvalidName
          ? `no interface repository is attached to this ORB: register it as initial reference "${NAME}"`
          : "the interface repository cannot be asked";
      if (!(cause instanceof InvalidName) && !(cause instanceof SystemException)) throw cause;
      throw new INTF_REPOS(text, MINOR.interfaceRepositoryMissing, Completion.no, { cause });
    }
  }
}
