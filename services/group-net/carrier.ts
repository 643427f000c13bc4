/** How letters get from one host of groups to another. What cannot be sent is lost; members say it again. */
export interface LetterCarrier extends AsyncDisposable {
  /** Where others reach this host: what `send` of theirs is given. */
  readonly address: string;
  /**
   * Sends without waiting.
   * @param letter may be changed as soon as this has returned
   * @returns false for what is dropped at once
   */
  send(to: string, letter: Uint8Array): boolean;
  /** The thread of this host's groups runs: to be said with each heartbeat of a group that others are in, too. */
  beat(): void;
  /** Asks whether the process at that address lives, whatever its thread is doing: `alive` is heard if it does. */
  ask(to: string): void;
  /** From now on what comes is heard; before it is dropped. */
  start(ears: CarrierEars): void;
}

/** Who hears what comes. */
export interface CarrierEars {
  /** @param letter the receiver's to keep */
  heard(from: string, letter: Uint8Array): void;
  /** The machine at that address says that no process listens there any more. */
  gone(address: string): void;
  /**
   * Asked when the connection of a host broke: milliseconds to leave it to others to find out whether it is gone.
   * Absent, or 0: this one finds out at once.
   */
  patienceMs?(address: string): number;
  /** The process at that address lives; the thread of its groups has said nothing for so many milliseconds. */
  alive(address: string, quietMs: number): void;
}

/** A member's id begins with what is unlike any other's, and ends with where its host is reached. */
export function memberIdAt(token: string, address: string): string {
  return `${token}@${address}`;
}

/** Undefined for what is no id of a member. */
export function addressOf(member: string): string | undefined {
  const at = member.indexOf("@");
  return at <= 0 || at === member.length - 1 ? undefined : member.slice(at + 1);
}
