/** What a group asks of its servants when a replica is to have their state; never while an operation is executed. */
export interface StateSource {
  /** The state of all servants; equal octets for equal states, where the states of replicas are compared. */
  capture(): Uint8Array | Promise<Uint8Array>;
  /** @param state undefined: that of the beginning */
  restore(state: Uint8Array | undefined): void | Promise<void>;
  /** Warm passive: what changed since the last update; without it the whole state travels. */
  update?(): Uint8Array | Promise<Uint8Array>;
  /** Takes over what `update` of another replica gave. */
  apply?(update: Uint8Array): void | Promise<void>;
}
