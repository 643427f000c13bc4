import { BAD_PARAM, type ORB } from "../../orb/index.ts";
import type { NamesNode } from "../names/index.ts";
import { Names } from "./names.ts";
import { packConfig } from "./values.ts";

/** The object key of each peer's control of names. */
export const NAMES_CONTROL_KEY: string = "NamesControl";

/** A command of an operator may take this long at most, milliseconds. */
const LONGEST_MS = 600_000;

class ControlServant extends Names.ControlSkeleton {
  readonly #node: NamesNode;

  constructor(node: NamesNode) {
    super();
    this.#node = node;
  }

  override stand(): Names.Standing {
    const { config, isVoting, contexts, bindings, octets } = this.#node.status;
    return {
      is_voting: isVoting,
      voters: packConfig(config),
      contexts,
      bindings,
      octets: BigInt(octets),
    };
  }

  override async reform(
    addresses: Names.Ids,
    by_force: boolean,
    timeout_ms: number,
  ): Promise<void> {
    if (addresses.length === 0) throw new BAD_PARAM("there must be a voter at least");
    const voters = [...new Set(addresses)].map((address) => ({ id: address, address }));
    const leftMs = Math.min(timeout_ms, LONGEST_MS);
    const outcome = await this.#node.reform(voters, { force: by_force, leftMs });
    if (outcome.kind === "done") return;
    const present = this.#node.status.config.voters.map(({ peer }) => peer.id).join(", ");
    const missing = by_force
      ? "no majority of the new voters took over"
      : `no majority of the present voters (${present}) agreed, or none of the new ones took over`;
    throw new Names.NotDone({ reason: missing });
  }
}

/** Lets operators see and change who votes on names, at the object key `NamesControl`. @returns ends it */
export async function serveNamesControl(orb: ORB, node: NamesNode): Promise<() => Promise<void>> {
  const adapter = await orb.rootPOA.create_POA("NamesControl", null, []);
  adapter.the_POAManager.activate();
  const reference = await adapter.activate(new ControlServant(node));
  orb.bindPlainKey(NAMES_CONTROL_KEY, reference);
  return async () => {
    orb.bindPlainKey(NAMES_CONTROL_KEY, null);
    await adapter.destroy(true, true);
  };
}
