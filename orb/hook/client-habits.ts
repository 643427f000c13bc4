/**
 * Whose client seems to be at the other end of a connection. "doubtful": it may be omniORB's or TAO's. "other": neither, as
 * far as can be seen.
 */
export type ClientOrb = "omniORB" | "TAO" | "other" | "doubtful";

/**
 * How a client may be sent elsewhere: by LOCATION_FORWARD_PERM, by LOCATION_FORWARD, or neither: then it is moved by an
 * orderly end of its connection, and the other addresses of its reference.
 */
export type ForwardForm = "permanent" | "temporary" | "none";

/**
 * omniORB must be told that it is for good: after a forward for now it sends an executed request again, without end, when
 * the new place dies. TAO must not: what is for good is INTERNAL to its program. Before GIOP 1.2 there is none for good.
 */
export function forwardForm(client: ClientOrb, giopMinor: 0 | 1 | 2): ForwardForm {
  switch (client) {
    case "omniORB":
      return giopMinor === 2 ? "permanent" : "none";
    case "doubtful":
      return "none";
    case "TAO":
    case "other":
      return "temporary";
  }
}

/**
 * What a client does on one connection, by which the two are told apart (seen of omniORB 4.2.5 and TAO 2.2.2): omniORB numbers
 * its requests 2, 4, 6 and asks where an object is before it calls it; TAO numbers them 1, 2, 3 and does not ask. The even
 * numbers are also the habit of clients that would be called back over the connection, whoever's they are.
 */
export class ClientHabits {
  #first: { readonly id: number; readonly asksWhere: boolean } | undefined;
  #isEven = true;
  #isBidirectional = false;

  /** To be called for each Request and LocateRequest, in their order. */
  saw(type: "Request" | "LocateRequest", requestId: number, isBidirectional: boolean): void {
    this.#first ??= { id: requestId, asksWhere: type === "LocateRequest" };
    if (requestId % 2 !== 0) this.#isEven = false;
    if (isBidirectional) this.#isBidirectional = true;
  }

  /** As far as it can be told by now. */
  get client(): ClientOrb {
    if (this.#first === undefined) return "doubtful";
    const { id, asksWhere } = this.#first;
    if (id === 2 && this.#isEven) {
      return asksWhere || !this.#isBidirectional ? "omniORB" : "doubtful";
    }
    return id === 1 && !asksWhere ? "TAO" : "other";
  }
}
