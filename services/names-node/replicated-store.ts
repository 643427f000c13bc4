import { NO_RESOURCES, TRANSIENT } from "../../orb/index.ts";
import {
  type ContextChange,
  type ContextRecord,
  faultOf,
  type NameComponent,
  type NamingStore,
} from "../bindings/index.ts";
import type { NamesNode, NamesOutcome } from "../names/index.ts";

/** What a naming service asks of a store may take this long, milliseconds. */
const DEADLINE_MS = 5_000;

/** The names of all peers as the store of a naming service: what is bound through one is bound through all. */
export class ReplicatedStore implements NamingStore {
  readonly #node: NamesNode;
  readonly #deadlineMs: number;

  constructor(node: NamesNode, deadlineMs: number = DEADLINE_MS) {
    this.#node = node;
    this.#deadlineMs = deadlineMs;
  }

  /** @throws TRANSIENT when this peer's copy does not tell, and no majority of the voters answers in time */
  async read(
    contextId: string,
    wanted?: NameComponent | "latest",
  ): Promise<ContextRecord | undefined> {
    const outcome = await this.#node.wish({ kind: "read", contextId, wanted }, this.#deadlineMs);
    if (outcome.kind === "done") return outcome.context;
    if (outcome.kind === "refused") return undefined;
    throw this.#exceptionOf(outcome, "whether the name is bound cannot be told");
  }

  /** @throws NameFault; TRANSIENT without a majority of the voters; NO_RESOURCES when there is no room */
  async change(contextId: string, change: ContextChange): Promise<void> {
    const outcome = await this.#node.wish({ kind: "change", contextId, change }, this.#deadlineMs);
    if (outcome.kind === "done") return;
    if (outcome.kind === "refused") throw faultOf(outcome.refusal, contextId, change);
    throw this.#exceptionOf(outcome, "it may yet happen, or have happened");
  }

  #exceptionOf(outcome: Extract<NamesOutcome, { kind: "late" | "full" }>, open: string): Error {
    const { voters } = this.#node.status.config;
    if (outcome.kind === "full")
      return new NO_RESOURCES(
        "the naming service holds as many names, or a context as many octets, as its limits allow",
        0,
        "COMPLETED_NO",
      );
    const ids = voters.map(({ peer }) => peer.id).join(", ");
    const ms = Math.round(outcome.elapsedMs);
    return new TRANSIENT(
      `no majority of the voters of names (${ids}) answered within ${ms} ms; ${open}`,
      0,
      outcome.isOpen ? "COMPLETED_MAYBE" : "COMPLETED_NO",
    );
  }
}
