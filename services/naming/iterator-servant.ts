import { CosNaming } from "../../idl/index.ts";
import { BAD_PARAM, OBJECT_NOT_EXIST } from "../../orb/index.ts";
import type { Listings } from "./listings.ts";
import { toBinding } from "./realm.ts";
import type { Binding } from "../bindings/index.ts";

/** What `next_one` gives at the end; IDL leaves the value open, an enum must have one. */
const NO_BINDING: CosNaming.Binding = { binding_name: [], binding_type: "nobject" };

/** CosNaming::BindingIterator over one listing (Naming Service 1.3, 2.3). */
export class IteratorServant extends CosNaming.BindingIteratorSkeleton {
  readonly #listings: Listings;
  readonly #listing: string;

  constructor(listings: Listings, listing: string) {
    super();
    this.#listings = listings;
    this.#listing = listing;
  }

  #next(howMany: number): readonly Binding[] {
    const part = this.#listings.next(this.#listing, howMany);
    if (part === undefined) throw new OBJECT_NOT_EXIST("the iterator was destroyed");
    return part;
  }

  override next_one(): { result: boolean; b: CosNaming.Binding } {
    const [binding] = this.#next(1);
    return binding === undefined
      ? { result: false, b: NO_BINDING }
      : { result: true, b: toBinding(binding) };
  }

  override next_n(how_many: number): { result: boolean; bl: CosNaming.BindingList } {
    if (how_many === 0) throw new BAD_PARAM("next_n needs to be asked for one binding at least");
    const bl = this.#next(how_many).map(toBinding);
    return { result: bl.length > 0, bl };
  }

  override destroy(): void {
    this.#listings.close(this.#listing);
  }
}
