// Objects of POAs with each policy that a client can notice; cpp/servants-poa.cc has the same ones.
import {
  type AdapterActivator,
  type CreatePoaOptions,
  type Current,
  ForwardRequest,
  ObjectId_to_string,
  type ObjectReference,
  type ORB,
  type POA,
  type Servant,
  string_to_ObjectId,
} from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";

const REPOSITORY_ID = "IDL:test.orbweaver/Interop/Top:1.0";
const USER_ID: CreatePoaOptions = { idAssignment: "USER_ID" };
const X = string_to_ObjectId("x");

/** Says `what ID`, the id that of the object it is called for. */
class Telling extends Interop.TopSkeleton {
  readonly #what: string;
  readonly #current: Current<POA>;
  #label = "";

  constructor(what: string, current: Current<POA>) {
    super();
    this.#what = what;
    this.#current = current;
  }

  override who(): string | Promise<string> {
    return `${this.#what} ${ObjectId_to_string(this.#current.get_object_id())}`;
  }
  override _get_label(): string {
    return this.#label;
  }
  override _set_label(value: string): void {
    this.#label = value;
  }
}

/** Says how many of its calls ran at once at most. */
class Alone extends Telling {
  #running = 0;
  #most = 0;

  override async who(): Promise<string> {
    this.#most = Math.max(this.#most, ++this.#running);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.#running--;
    return String(this.#most);
  }
}

export class Poas {
  readonly #root: POA;
  readonly #current: Current<POA>;
  readonly #elsewhere: () => ObjectReference;
  readonly #server: Servant;
  #ready: Promise<void> | undefined;

  /** @param server what `persistent` stands for */
  constructor(orb: ORB, elsewhere: () => ObjectReference, server: Servant) {
    this.#root = orb.rootPOA;
    this.#current = orb.poaCurrent;
    this.#elsewhere = elsewhere;
    this.#server = server;
  }

  /** The objects `poa.…` of `Root::named`, without that prefix; null for others. */
  async named(name: string): Promise<ObjectReference | null> {
    this.#ready ??= this.#makeAll();
    await this.#ready;
    const [poa = "", id] = name.split(".");
    if (id !== undefined) return refer(this.#root.find_POA(poa), id);
    switch (name) {
      case "demand":
      case "unknown": {
        const gone = await this.#root.createPoa(name, { ...USER_ID, lifespan: "PERSISTENT" });
        const reference = refer(gone, "x");
        await gone.destroy();
        return reference;
      }
      case "activate":
        this.#root.find_POA("holding").the_POAManager.activate();
        return null;
      case "holding":
        await this.#root.find_POA("holding").the_POAManager.hold_requests();
        return refer(this.#root.find_POA("holding"), "x");
      case "discarding":
      case "inactive":
        return refer(this.#root.find_POA(name), "x");
      case "persistent":
        return this.#root.find_POA(name).id_to_reference(X);
      default:
        return null;
    }
  }

  /** The persistent reference must lead somewhere without anybody having asked for it. */
  async prepare(): Promise<void> {
    this.#ready ??= this.#makeAll();
    await this.#ready;
  }

  async #makeAll(): Promise<void> {
    const telling = (what: string): Telling => new Telling(what, this.#current);
    const byDefault = await this.#root.createPoa("default", {
      ...USER_ID,
      idUniqueness: "MULTIPLE_ID",
      requestProcessing: "USE_DEFAULT_SERVANT",
    });
    byDefault.set_servant(telling("default"));
    const managed: CreatePoaOptions = { ...USER_ID, requestProcessing: "USE_SERVANT_MANAGER" };
    const activating = await this.#root.createPoa("activator", managed);
    activating.set_servant_manager({
      incarnate: async () => telling("activator"),
      etherealize: () => undefined,
    });
    const locating = await this.#root.createPoa("locator", {
      ...managed,
      servantRetention: "NON_RETAIN",
    });
    const located = telling("locator");
    locating.set_servant_manager({
      preinvoke: (oid) => {
        if (ObjectId_to_string(oid) === "forward") {
          throw new ForwardRequest({ forward_reference: this.#elsewhere() });
        }
        return { result: located, the_cookie: oid };
      },
      postinvoke: () => undefined,
    });
    await this.#active("single", { thread: "SINGLE_THREAD_MODEL" }, new Alone("", this.#current));
    await this.#active(
      "persistent",
      { lifespan: "PERSISTENT", idUniqueness: "MULTIPLE_ID" },
      this.#server,
    );
    for (const name of ["holding", "discarding", "inactive"]) {
      const manager = await this.#root.the_POAManagerFactory.create_POAManager(name);
      await this.#active(name, { manager }, telling(name));
      if (name === "discarding") await manager.discard_requests();
      if (name === "inactive") await manager.deactivate();
    }
    this.#root.the_activator = this.#onDemand;
  }

  readonly #onDemand: AdapterActivator = {
    unknown_adapter: async (_parent, name) => {
      if (name !== "demand") return false;
      await this.#active(name, { lifespan: "PERSISTENT" }, new Telling(name, this.#current));
      return true;
    },
  };

  async #active(name: string, options: CreatePoaOptions, servant: Servant): Promise<void> {
    const poa = await this.#root.createPoa(name, { ...USER_ID, ...options });
    poa.activate_object_with_id(X, servant);
  }
}

function refer(poa: POA, id: string): ObjectReference {
  return poa.create_reference_with_id(string_to_ObjectId(id), REPOSITORY_ID);
}
