import type { MessagePort } from "node:worker_threads";
import type { Clock, Deadline, Timer } from "../../orb/base/index.ts";
import { COMM_FAILURE, Completion, MINOR, TIMEOUT } from "../../orb/index.ts";
import { errorOf, type Fault, faultOf } from "./fault.ts";

/** Ends of a channel between threads: a Worker, its `parentPort`, a MessagePort. */
export interface Post {
  postMessage(message: unknown, transfer?: MessagePort[]): void;
}

/** Asks for a call of one of the other thread's functions. */
interface Question {
  readonly id: number;
  readonly call: string;
  readonly args: readonly unknown[];
}

/** Its one answer. */
type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly fault: Fault };

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer | undefined;
}

/** Functions of another thread, by name. */
type Functions<T> = { readonly [K in keyof T]: (...args: never[]) => unknown };

/** The asking end of a channel: calls the functions `T` of another thread, each call within a deadline. */
export class LaneLink<T extends Functions<T>> {
  readonly #post: Post;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #broken: Error | undefined;

  /** @param name of the other thread, for messages */
  constructor(post: Post, name: string, clock: Clock) {
    this.#post = post;
    this.#name = name;
    this.#clock = clock;
  }

  /** @throws what the function threw; TIMEOUT after the deadline, COMM_FAILURE when the thread ends first */
  call<K extends keyof T & string>(
    call: K,
    args: Parameters<T[K]>,
    deadline: Deadline,
    transfer: MessagePort[] = [],
  ): Promise<Awaited<ReturnType<T[K]>>> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken);
        return;
      }
      const id = ++this.#asked;
      const leftMs = deadline.remainingMs(this.#clock);
      const timer = Number.isFinite(leftMs)
        ? this.#clock.timer(leftMs, () => this.#late(id, call, leftMs))
        : undefined;
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject, timer });
      const question: Question = { id, call, args };
      this.#post.postMessage(question, transfer);
    });
  }

  /** Takes a message of the other thread. @returns false for what is no answer to this link */
  take(message: unknown): boolean {
    const answer = message as Partial<Answer> | null;
    if (typeof answer?.id !== "number" || !("result" in answer || "fault" in answer)) return false;
    const waiting = this.#waiting.get(answer.id);
    // It may have come after its deadline.
    if (waiting === undefined) return true;
    this.#waiting.delete(answer.id);
    waiting.timer?.cancel();
    if ("fault" in answer && answer.fault !== undefined) waiting.reject(errorOf(answer.fault));
    else waiting.resolve((answer as { readonly result: unknown }).result);
    return true;
  }

  /** The thread is gone: what is asked, and will be, fails. */
  break(why: string): void {
    this.#broken ??= new COMM_FAILURE(`${this.#name} ${why}`, MINOR.none, Completion.maybe);
    for (const { reject, timer } of this.#waiting.values()) {
      timer?.cancel();
      reject(this.#broken);
    }
    this.#waiting.clear();
  }

  #late(id: number, call: string, afterMs: number): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    const text = `${this.#name}: ${call} was not done within ${Math.round(afterMs)} ms`;
    waiting?.reject(new TIMEOUT(text, MINOR.none, Completion.maybe));
  }
}

function isQuestion(message: unknown): message is Question {
  const { id, call, args } = (message ?? {}) as Partial<Question>;
  return typeof id === "number" && typeof call === "string" && Array.isArray(args);
}

/** The answering end: calls what `message` asks for. @returns false for what is no question */
export async function answerWith<T extends Functions<T>>(
  functions: T,
  message: unknown,
  post: Post,
): Promise<boolean> {
  if (!isQuestion(message)) return false;
  const { id, call, args } = message;
  let answer: Answer;
  try {
    const chosen = functions as unknown as Record<string, (...args: unknown[]) => unknown>;
    answer = { id, result: await chosen[call]?.(...args) };
  } catch (thrown) {
    answer = { id, fault: faultOf(thrown) };
  }
  post.postMessage(answer);
  return true;
}
