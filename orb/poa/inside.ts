/** A captured stack, one element a call. */
type Sites = readonly { getFunctionName(): string | null }[];

/** Calls looked at, those that wait in an `await` included. */
const DEPTH = 200;

/**
 * Knows whether what runs now belongs to an upcall that was left waiting in an `await`.
 *
 * Following a call through its awaits with AsyncLocalStorage costs every promise of the process. The engine
 * remembers who awaits whom for its error messages anyway, so each upcall's promise is awaited in a function
 * with a name of this ORB's own, and a stack is taken when somebody asks. What an upcall leaves to a timer or
 * an event is not its own any more: nobody can say that the upcall waits for it.
 */
export class Inside {
  readonly #name: string;
  readonly #follow: Follow;
  #pending = 0;

  /** @param name unlike the name of every other ORB and of every function */
  constructor(name: string) {
    this.#name = name;
    this.#follow = namedFollow(name);
  }

  /** Tells what came of `work`; asked meanwhile, whatever `work` does in its awaits is inside. */
  follow<T>(work: Promise<T>, then: (value: T) => void, failed: (thrown: unknown) => void): void {
    this.#pending++;
    void this.#follow(
      work as Promise<unknown>,
      (value) => {
        this.#pending--;
        then(value as T);
      },
      (thrown) => {
        this.#pending--;
        failed(thrown);
      },
    );
  }

  /** Upcalls that wait in an `await`. */
  get pendingCount(): number {
    return this.#pending;
  }

  isAwaited(): boolean {
    return (
      this.#pending > 0 && captured(DEPTH).some((site) => site.getFunctionName() === this.#name)
    );
  }
}

type Follow = (
  work: Promise<unknown>,
  then: (value: unknown) => void,
  failed: (thrown: unknown) => void,
) => Promise<void>;

function namedFollow(name: string): Follow {
  const named: Record<string, Follow> = {
    async [name](work, then, failed) {
      let value: unknown;
      try {
        value = await work;
      } catch (thrown) {
        failed(thrown);
        return;
      }
      then(value);
    },
  };
  return named[name] as Follow;
}

function captured(depth: number): Sites {
  const { stackTraceLimit } = Error;
  const settings = Error as { prepareStackTrace?: unknown };
  const before = settings.prepareStackTrace;
  const holder: { stack?: Sites } = {};
  try {
    Error.stackTraceLimit = depth;
    settings.prepareStackTrace = (_error: unknown, sites: Sites): Sites => sites;
    Error.captureStackTrace(holder);
    return holder.stack ?? [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    // Assigning undefined would leave the property there, and no stack would ever be text again.
    if (before === undefined) delete settings.prepareStackTrace;
    else settings.prepareStackTrace = before;
  }
}

/** A value whose `then` cannot be read is no promise: it fails where it is looked at as a value. */
export function isThenable(value: unknown): value is Promise<unknown> {
  if (typeof value !== "object" || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === "function";
  } catch {
    return false;
  }
}
