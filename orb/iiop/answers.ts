import type { CdrOutput } from "../cdr/index.ts";
import { completionToOrdinal, type SystemException } from "../exception/index.ts";
import type { ReplyStatus, ServiceContext } from "../giop/index.ts";
import { type Ior, writeIor } from "../ior/index.ts";

const NO_CONTEXTS: readonly ServiceContext[] = [];

/** The four answers of a request as the bodies of replies, wherever they go (CORBA 3.3 Part 2, 9.4.3). */
export abstract class Answers {
  /** Does nothing when no answer is owed; throws what `write` throws, and then another may be given. */
  protected abstract _answer(
    status: ReplyStatus,
    write: (out: CdrOutput) => void,
    contexts: readonly ServiceContext[],
    isAligned?: boolean,
  ): void;

  result(write: (out: CdrOutput) => void, contexts: readonly ServiceContext[] = NO_CONTEXTS): void {
    this._answer("NO_EXCEPTION", write, contexts);
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
    this._answer("USER_EXCEPTION", body, contexts);
  }

  systemException(
    exception: SystemException,
    contexts: readonly ServiceContext[] = NO_CONTEXTS,
  ): void {
    const body = (out: CdrOutput): void => {
      out.string(exception.repositoryId);
      out.ulong(exception.minor).ulong(completionToOrdinal(exception.completed));
    };
    this._answer("SYSTEM_EXCEPTION", body, contexts);
  }

  /** The permanent form exists from GIOP 1.2 on; `_answer` sends the other one before. */
  forward(to: Ior, permanent: boolean, contexts: readonly ServiceContext[] = NO_CONTEXTS): void {
    const status = permanent ? "LOCATION_FORWARD_PERM" : "LOCATION_FORWARD";
    this._answer(status, (out) => writeIor(out, to), contexts);
  }

  raw(status: ReplyStatus, body: Uint8Array, contexts: readonly ServiceContext[]): void {
    this._answer(status, (out) => void out.octets(body), contexts, true);
  }
}
