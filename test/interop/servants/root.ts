import { type ObjectReference, type ORB, type Servant } from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";
import { Primitives, Sequences, Texts } from "./basic.ts";
import { Constructed, Dynamic, Unions } from "./constructed.ts";
import { Attributes, Faults, Names, Oneways, Parking } from "./live.ts";
import { Mirror } from "./mirror.ts";
import { Poas } from "./poas.ts";
import { References } from "./references.ts";
import { Service } from "./values.ts";

/** The way to all the others. */
export class Root extends Interop.RootSkeleton {
  readonly #primitives: Primitives = new Primitives();
  readonly #texts: Texts = new Texts();
  readonly #sequences: Sequences = new Sequences();
  readonly #constructed: Constructed = new Constructed();
  readonly #unions: Unions = new Unions();
  readonly #dynamic: Dynamic = new Dynamic();
  readonly #faults: Faults = new Faults();
  readonly #attributes: Attributes = new Attributes();
  readonly #references: References;
  readonly #poas: Poas;
  readonly #oneways: Oneways = new Oneways();
  readonly #parking: Parking = new Parking();
  readonly #names: Names = new Names();
  readonly #mirror: Mirror = new Mirror();
  readonly #values: Service;

  constructor(orb: ORB) {
    super();
    this.#references = new References(orb);
    this.#values = new Service(orb);
    this.#poas = new Poas(orb, () => this.#references.as_top(), this);
    const servants: readonly Servant[] = [
      this.#primitives,
      this.#texts,
      this.#sequences,
      this.#constructed,
      this.#unions,
      this.#dynamic,
      this.#faults,
      this.#attributes,
      this.#references,
      this.#oneways,
      this.#parking,
      this.#names,
      this.#mirror,
      this.#values,
    ];
    for (const servant of servants) orb.rootPOA.activate_object(servant);
  }

  override _get_of_primitives(): Interop.Primitives {
    return this.#primitives._this();
  }
  override _get_of_texts(): Interop.Texts {
    return this.#texts._this();
  }
  override _get_of_sequences(): Interop.Sequences {
    return this.#sequences._this();
  }
  override _get_of_constructed(): Interop.Constructed {
    return this.#constructed._this();
  }
  override _get_of_unions(): Interop.Unions {
    return this.#unions._this();
  }
  override _get_of_dynamic(): Interop.Dynamic {
    return this.#dynamic._this();
  }
  override _get_of_faults(): Interop.Faults {
    return this.#faults._this();
  }
  override _get_of_attributes(): Interop.Attributes {
    return this.#attributes._this();
  }
  override _get_of_references(): Interop.References {
    return this.#references._this();
  }
  override _get_of_oneways(): Interop.Oneways {
    return this.#oneways._this();
  }
  override _get_of_parking(): Interop.Parking {
    return this.#parking._this();
  }
  /** What clients with references of an earlier run expect to be there. */
  async prepare(): Promise<void> {
    await this.#poas.prepare();
  }

  override named(name: string): ObjectReference | null | Promise<ObjectReference | null> {
    if (name.startsWith("poa.")) return this.#poas.named(name.slice("poa.".length));
    if (name === "mirror") return this.#mirror._this();
    if (name === "values") return this.#values._this();
    return name === "names" ? this.#names._this() : null;
  }
}
