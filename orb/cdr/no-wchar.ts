import { BAD_PARAM, INV_OBJREF, MARSHAL, MINOR, type SystemException } from "../exception/index.ts";

/** Makes the error for a wide character where GIOP 1.0 or the lack of a code set forbids it. */
export type NoWchar = (giopMinor: number, writing: boolean) => SystemException;

function notInGiop10(fromClient: boolean): SystemException {
  const minor = fromClient ? MINOR.wcharFromGiop10Client : MINOR.wcharFromGiop10Server;
  return new MARSHAL("GIOP 1.0 has no wchar and no wstring", minor);
}

/** In a client: INV_OBJREF where the target's reference names no code set for wide characters. */
export const clientWithoutWchar: NoWchar = (giopMinor, writing) =>
  giopMinor === 0
    ? notInGiop10(writing)
    : new INV_OBJREF(
        "wchar or wstring needs a reference with a code set component",
        MINOR.codeSetComponentRequired,
      );

/** In a client whose target publishes code sets, but none for wide characters. */
export const clientOfTargetWithoutWchar: NoWchar = (giopMinor, writing) =>
  giopMinor === 0
    ? notInGiop10(writing)
    : new INV_OBJREF(
        "the target supports neither wchar nor wstring",
        MINOR.wcharNotSupportedByTarget,
      );

/** In a server: BAD_PARAM where the client sent no code set context. */
export const serverWithoutWchar: NoWchar = (giopMinor, writing) =>
  giopMinor === 0
    ? notInGiop10(!writing)
    : new BAD_PARAM(
        "wchar or wstring without a code set in the service context of the connection",
        MINOR.wcharCodeSetNotSent,
      );
