export type GiopFaultKind =
  | "badMagic"
  | "unsupportedVersion"
  | "unknownType"
  | "badSize"
  | "tooLarge"
  | "badFragment";

/**
 * The peer broke the protocol, so nothing that follows on its connection can be trusted: the
 * connection answers MessageError and closes (CORBA 3.3 Part 2, 9.4.8).
 */
export class GiopFault extends Error {
  override readonly name = "GiopFault";
  readonly kind: GiopFaultKind;

  constructor(kind: GiopFaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
