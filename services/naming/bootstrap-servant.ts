import {
  type InterfaceDescriptor,
  type ObjectReference,
  type Operation,
  readSequence,
  Servant,
  writeObject,
  readObject,
  writeSequence,
} from "../../orb/generated.ts";

/** Names of services → their references; what Java's ORB asks for before it knows anything. */
export type InitialServices = ReadonlyMap<string, ObjectReference>;

const GET: Operation<BootstrapServant, readonly [string], ObjectReference | null> = {
  name: "get",
  writeArguments: (out, [name]) => void out.string(name),
  readArguments: (input) => [input.string()],
  writeResult: writeObject,
  readResult: readObject,
  upcall: (servant, [name]) => servant.get(name),
};

const LIST: Operation<BootstrapServant, readonly [], readonly string[]> = {
  name: "list",
  writeArguments: () => undefined,
  readArguments: () => [],
  writeResult: (out, names) => writeSequence(out, names, (o, name) => void o.string(name)),
  readResult: (input) => readSequence(input, 5, (i) => i.string()),
  upcall: (servant) => servant.list(),
};

const DESCRIPTOR: InterfaceDescriptor = {
  // Java's ORB calls this object by its key alone; it never had an interface in IDL.
  repositoryId: "IDL:orbweaver/InitialServices:1.0",
  name: "InitialServices",
  bases: () => [],
  operations: [GET, LIST],
};

/**
 * The object with the key `INIT` that ORBs of Java SE and GlassFish ask at GIOP 1.0 when they are
 * started with `-ORBInitialHost` and `-ORBInitialPort`.
 */
export class BootstrapServant extends Servant {
  override readonly _descriptor: InterfaceDescriptor = DESCRIPTOR;
  readonly #services: InitialServices;

  constructor(services: InitialServices) {
    super();
    this.#services = services;
  }

  /** nil for a service that is not known, as Java's own server answers. */
  get(name: string): ObjectReference | null {
    return this.#services.get(name) ?? null;
  }

  list(): readonly string[] {
    return [...this.#services.keys()];
  }
}
