import type { CdrOutput } from "../cdr/index.ts";
import {
  Completion,
  completionToOrdinal,
  MINOR,
  OBJ_ADAPTER,
  type SystemException,
  TRANSIENT,
} from "../exception/index.ts";
import { ADDRESSING, type ReplyStatus, type ServiceContext, type Target } from "../giop/index.ts";
import { type Ior, writeIor } from "../ior/index.ts";

const NO_CONTEXTS: readonly ServiceContext[] = [];

/** The answers of a request as the bodies of replies, wherever they go (CORBA 3.3 Part 2, 9.4.3). */
export abstract class Answers {
  abstract readonly giopMinor: 0 | 1 | 2;
  /** How the request names the object. */
  abstract readonly target: Target;
  #added: (() => readonly ServiceContext[])[] | undefined;

  /** Does nothing when no answer is owed; throws what `write` throws, and then another may be given. */
  protected abstract _answer(
    status: ReplyStatus,
    write: (out: CdrOutput) => void,
    contexts: readonly ServiceContext[],
    isAligned?: boolean,
  ): void;

  adds(contexts: () => readonly ServiceContext[]): void {
    (this.#added ??= []).push(contexts);
  }

  #answer(
    status: ReplyStatus,
    write: (out: CdrOutput) => void,
    contexts: readonly ServiceContext[],
    isAligned?: boolean,
  ): void {
    const all =
      this.#added === undefined ? contexts : [...this.#added.flatMap((add) => add()), ...contexts];
    this._answer(status, write, all, isAligned);
  }

  result(write: (out: CdrOutput) => void, contexts: readonly ServiceContext[] = NO_CONTEXTS): void {
    this.#answer("NO_EXCEPTION", write, contexts);
  }

  userException(
    repositoryId: string,
    write: (out: CdrOutput) => void,
    contexts: readonly ServiceContext[] = NO_CONTEXTS,
  ): void {
    const body = (out: CdrOutput): void => {
      out.string(repositoryId);
      write(out);
    };
    this.#answer("USER_EXCEPTION", body, contexts);
  }

  systemException(
    exception: SystemException,
    contexts: readonly ServiceContext[] = NO_CONTEXTS,
  ): void {
    const body = (out: CdrOutput): void => {
      out.string(exception.repositoryId);
      out.ulong(exception.minor).ulong(completionToOrdinal(exception.completed));
    };
    this.#answer("SYSTEM_EXCEPTION", body, contexts);
  }

  /** The permanent form exists from GIOP 1.2 on; `_answer` sends the other one before. */
  forward(to: Ior, permanent: boolean, contexts: readonly ServiceContext[] = NO_CONTEXTS): void {
    const status = permanent ? "LOCATION_FORWARD_PERM" : "LOCATION_FORWARD";
    this.#answer(status, (out) => writeIor(out, to), contexts);
  }

  /**
   * The client is to name the object in another way, and to send the request again. One that did already hears OBJ_ADAPTER,
   * one below GIOP 1.2, where there is no such answer, TRANSIENT.
   */
  readdress(by: Target["by"], contexts: readonly ServiceContext[] = NO_CONTEXTS): void {
    if (this.target.by === by) {
      const text = `the object is named by ${by} already, and that was asked for`;
      this.systemException(new OBJ_ADAPTER(text, MINOR.none, Completion.no), contexts);
    } else if (this.giopMinor < 2) {
      const text = `a request of GIOP 1.${this.giopMinor} cannot name its object by ${by}`;
      this.systemException(new TRANSIENT(text, MINOR.none, Completion.no), contexts);
    } else {
      const mode = ADDRESSING.indexOf(by);
      this.#answer("NEEDS_ADDRESSING_MODE", (out) => void out.short(mode), contexts);
    }
  }

  raw(status: ReplyStatus, body: Uint8Array, contexts: readonly ServiceContext[]): void {
    this.#answer(status, (out) => void out.octets(body), contexts, true);
  }
}
