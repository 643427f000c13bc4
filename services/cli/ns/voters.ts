import type { ORB } from "../../../orb/index.ts";
import { UsageError } from "../../command/index.ts";
import { NAMES_CONTROL_KEY, Names } from "../../names-node/index.ts";

/** A `corbaloc:` URL and what stands before its key. */
const CORBALOC = /^(corbaloc:[^/#]+)(?:\/NameService)?$/i;

/** What the network may need beyond the time that the peer itself is given, milliseconds. */
const MARGIN_MS = 1_000;

/**
 * The control of names of the peer that a naming service is reached by.
 * @throws UsageError for a reference that does not say where its server is, and for a server that has none
 */
export async function controlOf(orb: ORB, url: string | undefined): Promise<Names.Control> {
  const [, place] = CORBALOC.exec(url ?? "") ?? [];
  if (place === undefined)
    throw new UsageError("ns voters: --ns corbaloc::HOST:PORT/NameService of one peer is needed");
  const reference = await orb.string_to_object(`${place}/${NAMES_CONTROL_KEY}`);
  if (reference === null || (await reference._non_existent()))
    throw new UsageError(`ns voters: the naming service at ${place} is not one of several peers`);
  return Names.Control.uncheckedNarrow(reference);
}

/** @throws UsageError with what is missing when it was not done */
export async function reform(
  control: Names.Control,
  addresses: readonly string[],
  isForced: boolean,
  timeoutMs: number,
): Promise<void> {
  try {
    const leftMs = Math.max(1, timeoutMs - MARGIN_MS);
    await control.reform(addresses, isForced, leftMs, { timeoutMs });
  } catch (thrown) {
    if (thrown instanceof Names.NotDone) throw new VotersNotChanged(thrown.reason);
    throw thrown;
  }
}

/** The voters are what they were, or the change is under way without a majority. */
export class VotersNotChanged extends Error {
  override readonly name: string = "VotersNotChanged";
}

/** Who votes, for people. */
export async function voterLines(control: Names.Control): Promise<readonly string[]> {
  const { voters, contexts, bindings } = await control.stand();
  const { epoch, era, members } = voters;
  const forced = era === 0 ? "" : era === epoch ? ", by force" : `, last by force in epoch ${era}`;
  const lines = members.map(
    ({ voter_peer: peer, store }) =>
      `${peer.address}${store === "" ? " (has not shown itself)" : ""}`,
  );
  return [
    epoch === 0 ? "no majority of the voters has met yet" : `epoch ${epoch}${forced}`,
    ...lines,
    `${contexts} contexts, ${bindings} names in this peer's copy`,
  ];
}
