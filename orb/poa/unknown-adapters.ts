import {
  Completion,
  MINOR,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  SystemException,
  TRANSIENT,
} from "../exception/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import { type Admitting, clientGone, type POAManager } from "../manager/index.ts";
import type { Current, ReferenceMaker } from "./current.ts";
import type { ChildMaker } from "./servant-managers.ts";

/** Requests that may wait for the adapter activators of one ORB. */
const MAX_WAITING = 1_000;

/** Told whether the child is there now, or what the activator threw, as OBJ_ADAPTER. */
type Told = (outcome: boolean | SystemException) => void;

/** What making POAs needs of their parents. */
export interface Parent<P> extends ReferenceMaker {
  readonly the_name: string;
  readonly the_POAManager: POAManager;
  readonly the_activator: ChildMaker<P> | null;
  _child(name: string): P | undefined;
}

/** POAs that are being made by adapter activators: each name is asked for once at a time (CORBA 3.3 Part 1, 15.3.4). */
export class UnknownAdapters<P extends Parent<P>> {
  readonly #current: Current<P>;
  readonly #asked = new Map<P, Map<string, Told[]>>();
  #waitingCount = 0;

  constructor(current: Current<P>) {
    this.#current = current;
  }

  /** Asks the activator, or waits for the answer it is about to give. */
  ask(activator: ChildMaker<P>, parent: P, name: string, told: Told): void {
    const names = this.#asked.get(parent) ?? new Map<string, Told[]>();
    const waiting = names.get(name);
    if (waiting !== undefined) {
      waiting.push(told);
      return;
    }
    const all = [told];
    this.#asked.set(parent, names.set(name, all));
    const end: Told = (outcome) => {
      names.delete(name);
      if (names.size === 0) this.#asked.delete(parent);
      for (const tell of all) tell(outcome);
    };
    this.#current._manageInTime(
      `unknown_adapter for "${name}"`,
      () => activator.unknown_adapter(parent, name),
      (isMade) => end(isMade && parent._child(name) !== undefined),
      (cause) => {
        const text = `the adapter activator of POA "${parent.the_name}" failed when asked for "${name}"`;
        end(new OBJ_ADAPTER(text, MINOR.unknownAdapterFailed, Completion.no, { cause }));
      },
    );
  }

  /**
   * Makes the POAs that a request's key names, from below `root` on, then calls `found`. While the manager of a
   * parent is HOLDING the request waits there.
   */
  serve(request: ServerRequest, root: P, path: readonly string[], found: () => void): void {
    let parent = root;
    for (const name of path) {
      const child = parent._child(name);
      if (child === undefined) {
        this.#serveFrom(request, parent, name, () => this.serve(request, root, path, found));
        return;
      }
      parent = child;
    }
    found();
  }

  #serveFrom(request: ServerRequest, parent: P, name: string, go: () => void): void {
    const activator = parent.the_activator;
    if (activator === null) {
      request.systemException(noAdapter());
      return;
    }
    const manager = parent.the_POAManager;
    const admitting: Admitting = {
      _admitted: () => {
        if (this.#waitingCount >= MAX_WAITING) {
          manager.done();
          request.systemException(tooMany());
          return;
        }
        this.#waitingCount++;
        this.ask(activator, parent, name, (outcome) => {
          this.#waitingCount--;
          manager.done();
          if (request.signal.aborted) request.systemException(clientGone());
          else if (outcome === true) go();
          else request.systemException(outcome === false ? noAdapter() : outcome);
        });
      },
    };
    manager.admit(request, request.objectKey, admitting);
  }
}

function tooMany(): TRANSIENT {
  const text = `${MAX_WAITING} requests wait for adapter activators already`;
  return new TRANSIENT(text, MINOR.requestDiscarded, Completion.no);
}

export function noAdapter(): OBJECT_NOT_EXIST {
  return new OBJECT_NOT_EXIST(
    "the object's POA does not exist here (or not any more)",
    MINOR.adapterNotFound,
    Completion.no,
  );
}
