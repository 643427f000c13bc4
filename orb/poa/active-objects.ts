import type { Logger } from "../base/index.ts";
import { Serial } from "../manager/index.ts";
import type { Current, ReferenceMaker } from "./current.ts";
import { idName, type ObjectId } from "./object-id.ts";
import { type ActiveObject, ObjectMap } from "./object-map.ts";
import type { Servant } from "./servant.ts";

/** Gives a servant back. `cleanup` and `remaining` as `etherealize` has them. */
export type Etherealize = (
  object: ActiveObject,
  cleanup: boolean,
  remaining: boolean,
) => void | Promise<void>;

/** An object that is being incarnated or etherealized, and who waits for the end of it. */
interface Turn {
  readonly waiting: (() => void)[];
  /** Does what is to be done, unless it was done before. */
  start: (() => void) | undefined;
}

/** Turns of servant activators may queue up to the number of objects there are. */
const MAX_TURNS = Number.MAX_SAFE_INTEGER;

/**
 * The objects of a POA with RETAIN, and their ways in and out: incarnations and etherealizations run one after
 * the other, and never for an id that is in use (CORBA 3.3 Part 1, 15.3.6).
 */
export class ActiveObjects<P extends ReferenceMaker> {
  readonly map: ObjectMap = new ObjectMap();
  readonly #current: Current<P>;
  readonly #log: Logger;
  /** One at a time with the requests of a SINGLE_THREAD_MODEL POA. */
  readonly #thread: Serial | undefined;
  readonly #turns = new Serial(MAX_TURNS);
  readonly #busy = new Map<string, Turn>();
  #waitingCount = 0;
  /** Set with the first servant activator. */
  etherealize: Etherealize | undefined;

  constructor(current: Current<P>, log: Logger, thread: Serial | undefined) {
    this.#current = current;
    this.#log = log;
    this.#thread = thread;
  }

  /** Requests that wait for an incarnation or an etherealization. */
  get waitingCount(): number {
    return this.#waitingCount;
  }

  /** The object, when requests may go to it. */
  find(id: ObjectId): ActiveObject | undefined {
    const object = this.map.find(idName(id));
    return object?.isLeaving === true ? undefined : object;
  }

  /** Whether the id cannot be activated yet: its last activation is not over. */
  isBusy(id: ObjectId): boolean {
    const name = idName(id);
    return this.#busy.has(name) || this.map.find(name)?.isLeaving === true;
  }

  /** Calls `then` when the id's last activation is over, or its next one has begun. */
  whenFree(id: ObjectId, then: () => void): void {
    const name = idName(id);
    this.#waitingCount++;
    const turn = this.#turn(name);
    turn.waiting.push(() => {
      this.#waitingCount--;
      then();
    });
    // Whoever waits here may hold the thread that the etherealization waits for.
    turn.start?.();
  }

  /** Whether an incarnation that begins now has to wait for its turn. */
  get isTurnTaken(): boolean {
    return this.#turns.isBusy;
  }

  /** An incarnation, in its turn; `incarnate` ends by calling `done`. Behind that goes on `then`, and who else waits. */
  incarnating(id: ObjectId, incarnate: (done: () => void) => void, then: () => void): void {
    const name = idName(id);
    this.#turn(name).waiting.push(then);
    this.#waitingCount++;
    this.#turns.run((next) => {
      this.#waitingCount--;
      incarnate(() => {
        next();
        this.#free(name);
      });
    });
  }

  /** False when there is no such active object. It leaves when its requests have ended. */
  deactivate(id: ObjectId): boolean {
    const object = this.find(id);
    if (object === undefined) return false;
    object.isLeaving = true;
    if (object.running === 0) this.#remove(object);
    return true;
  }

  /** A request on the object was answered. */
  release(object: ActiveObject): void {
    object.running--;
    if (object.running === 0 && object.isLeaving) this.#remove(object);
  }

  /** Gives a servant back that an activator made too late, unless it stands for the object by now. */
  giveBackLate(id: ObjectId, servant: Servant): void {
    const name = idName(id);
    this.#turns.run((next) => {
      if (this.map.find(name)?.servant === servant) next();
      else this.#giveBack({ name, servant, running: 0, isLeaving: true }, false, next);
    });
  }

  /** Takes all out, which no request uses. No promise where the activator gave none. */
  clear(withEtherealize: boolean): void | Promise<void> {
    if (!withEtherealize || this.etherealize === undefined || this.map.size === 0) {
      this.map.clear();
      return;
    }
    let isDone = false;
    let resolve: (() => void) | undefined;
    this.#turns.run((next) => {
      this.#clearEach(this.map.all(), 0, () => {
        next();
        isDone = true;
        resolve?.();
      });
    });
    if (!isDone) return new Promise((wake) => (resolve = wake));
  }

  // A loop while answers come at once: a million objects must not fill the stack.
  #clearEach(objects: readonly ActiveObject[], from: number, done: () => void): void {
    for (let i = from; i < objects.length; i++) {
      const object = objects[i] as ActiveObject;
      this.map.remove(object);
      let isInside = true;
      let hasEnded = false;
      this.#giveBack(object, true, () => {
        hasEnded = true;
        if (!isInside) this.#clearEach(objects, i + 1, done);
      });
      isInside = false;
      if (!hasEnded) return;
    }
    done();
  }

  #remove(object: ActiveObject): void {
    this.map.remove(object);
    const { name } = object;
    if (this.etherealize === undefined) {
      if (this.#busy.has(name)) this.#free(name);
      return;
    }
    const turn = this.#turn(name);
    let leaveThread: (() => void) | undefined;
    turn.start = () => {
      turn.start = undefined;
      this.#turns.run((next) => {
        this.#giveBack(object, false, () => {
          next();
          leaveThread?.();
          leaveThread = undefined;
          this.#free(name);
        });
      });
    };
    if (turn.waiting.length > 0 || this.#thread === undefined) {
      turn.start();
      return;
    }
    const isQueued = this.#thread.run((leave) => {
      if (turn.start === undefined) {
        leave();
        return;
      }
      leaveThread = leave;
      turn.start();
    });
    if (!isQueued) turn.start?.();
  }

  #giveBack(object: ActiveObject, cleanup: boolean, done: () => void): void {
    const remaining = this.map.isActive(object.servant);
    this.#current._manageInTime(
      "etherealize",
      () => this.etherealize?.(object, cleanup, remaining),
      done,
      (error) => {
        this.#log.warn("etherealize failed, which changes nothing", { error });
        done();
      },
    );
  }

  #turn(name: string): Turn {
    let turn = this.#busy.get(name);
    if (turn === undefined) {
      turn = { waiting: [], start: undefined };
      this.#busy.set(name, turn);
    }
    return turn;
  }

  #free(name: string): void {
    const turn = this.#busy.get(name);
    this.#busy.delete(name);
    if (turn !== undefined) for (const wake of turn.waiting) wake();
  }
}
