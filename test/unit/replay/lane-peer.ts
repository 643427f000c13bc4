import { _get_orb, type ORB } from "../../../orb/index.ts";
import * as Anchor from "../../vectors/gen/Anchor.ts";
import { Peer } from "./peer-servant.ts";

/** The recorded servant in the thread of a lane: what it hands out are references as text. */
export class LanePeer extends Peer {
  readonly #ghost: string;
  readonly #moved: string;

  constructor(who: string, ghost: string, moved: string) {
    const notHere = Promise.reject<Anchor.Peer>(new RangeError("handed out by LanePeer itself"));
    notHere.catch(() => undefined);
    super({
      who,
      priorities: [].values(),
      ghost: notHere,
      moved: notHere,
      onStop: () => undefined,
    });
    this.#ghost = ghost;
    this.#moved = moved;
  }

  get #orb(): ORB {
    return _get_orb(this._this());
  }

  async #peer(url: string): Promise<Anchor.Peer> {
    return Anchor.Peer.uncheckedNarrow(await this.#orb.string_to_object(url)) as Anchor.Peer;
  }

  override seen_priority(): number {
    return this.#orb.rt.current.the_priority;
  }

  override ghost(): Promise<Anchor.Peer> {
    return this.#peer(this.#ghost);
  }

  override moved(): Promise<Anchor.Peer> {
    return this.#peer(this.#moved);
  }
}
