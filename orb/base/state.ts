/** A state machine was given an event its state does not allow: an error of the program. */
export class IllegalTransition extends Error {
  override readonly name: string = "IllegalTransition";

  constructor(machine: string, state: string, event: string) {
    super(`${machine}: ${event} is not possible in state ${state}`);
  }
}

/** For the branch that cannot be: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new TypeError(`case not handled: ${String(value)}`);
}
