/** A promise together with what settles it; the first settlement counts. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;

  constructor() {
    let resolve!: (value: T | PromiseLike<T>) => void;
    let reject!: (reason: unknown) => void;
    this.promise = new Promise<T>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.resolve = resolve;
    this.reject = reject;
  }
}
