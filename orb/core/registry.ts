/**
 * ORBs that were given a name with `-ORBid`, until they are destroyed (CORBA 3.3 Part 1, 8.4.1). One for the
 * process: the name is all that two parts of a program that know nothing of each other have in common.
 */
export class Registry<T> {
  readonly #named = new Map<string, Promise<T>>();

  /** The one of this name, made where there is none. Without a name each is made anew. */
  get(id: string, make: () => Promise<T>): Promise<T> {
    if (id === "") return make();
    const found = this.#named.get(id);
    if (found !== undefined) return found;
    const made = make();
    this.#named.set(id, made);
    made.catch(() => this.forget(id));
    return made;
  }

  forget(id: string): void {
    this.#named.delete(id);
  }
}
