/** What the reactor's socket in one slot is to JavaScript. Events that a kind of socket does not have do nothing. */
export abstract class Slot {
  data(_chunk: Uint8Array): void {
    return undefined;
  }

  /** As `data`, and the rest of the message is on its way. */
  piece(_chunk: Uint8Array): void {
    return undefined;
  }

  /** Octets were put into the room; `isMore`: the message goes on. */
  filled(_octets: number, _isMore: boolean): void {
    return undefined;
  }

  accepted(_slot: number): void {
    return undefined;
  }

  connected(): void {
    return undefined;
  }

  freed(_count: number): void {
    return undefined;
  }

  drained(): void {
    return undefined;
  }

  /** The last event. @param errno 0 after an orderly end */
  abstract closed(errno: number, failedWriting: boolean): void;
}
