import type { SystemException } from "../exception/index.ts";

/** What came of one question to one address. */
export type ProbeAnswer =
  /** No connection; `code` is the system's (`ECONNREFUSED`, `ENETUNREACH`, …), `text` the error's in full. */
  | { readonly kind: "notConnected"; readonly code: string; readonly text: string }
  /** Neither connected nor refused before the time was over. */
  | { readonly kind: "connectTimeout" }
  /** Connected, and nothing was said before the time was over. */
  | { readonly kind: "silent" }
  /** The other side closed the connection without an answer. */
  | { readonly kind: "closed" }
  /** The first octets are of no GIOP message. */
  | { readonly kind: "otherProtocol"; readonly octets: Uint8Array }
  /** GIOP MessageError, or an answer in a version that is not spoken here. */
  | { readonly kind: "messageError" }
  /** GIOP CloseConnection. */
  | { readonly kind: "closeConnection" }
  /** LocateReply: whether the object is here. */
  | { readonly kind: "located"; readonly isHere: boolean }
  /** LocateReply or Reply: ask there; `to` is an `IOR:…`. */
  | { readonly kind: "forwarded"; readonly to: string }
  /** LocateReply or Reply with a system exception. */
  | { readonly kind: "raised"; readonly exception: SystemException }
  /** What `_is_a` or `_non_existent` returned. */
  | { readonly kind: "returned"; readonly value: boolean };

/** One question, in a message of a connection of its own. */
export interface ProbeQuestion {
  readonly host: string;
  readonly port: number;
  /** A UNIX-domain socket of this machine, in place of host and port. */
  readonly path?: string;
  /** GIOP 1.`minor` is spoken. */
  readonly minor: 0 | 1 | 2;
  readonly objectKey: Uint8Array;
  /**
   * A LocateRequest, one of the operations that every object has, or the hello of TLS: then the answer is
   * of another protocol, and its octets tell whether that is TLS.
   */
  readonly ask:
    | { readonly by: "locate" }
    | { readonly by: "tlsHello" }
    | { readonly by: "_non_existent" }
    | { readonly by: "_is_a"; readonly repositoryId: string };
}

export interface ProbeLimits {
  /** Milliseconds for the connection. */
  readonly connectMs: number;
  /** Milliseconds from the connection to the answer. */
  readonly answerMs: number;
  /** Aborted: the question is given up. */
  readonly signal: AbortSignal;
}
