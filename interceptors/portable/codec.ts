import { IOP } from "../../idl/index.ts";
import type { OrbInProgress } from "../../orb/hook/index.ts";
import {
  type Any,
  BAD_TYPECODE,
  MARSHAL,
  MINOR,
  type SystemException,
  type TypeCode,
} from "../../orb/index.ts";

/** IOP::ENCODING_CDR_ENCAPS. */
const CDR_ENCAPS = 0;
const HIGHEST_MINOR = 2;

/** Failures to write that lie in the type: there are no wide characters in GIOP 1.0, and local objects never travel. */
const TYPE_FAULTS: ReadonlySet<number> = new Set([
  MINOR.wcharFromGiop10Client,
  MINOR.wcharFromGiop10Server,
  MINOR.localObject,
]);

/** IOP::Codec: values as octets and back (CORBA 3.3 Part 1, 16.9.1). */
export class Codec implements IOP.Codec {
  readonly #orb: OrbInProgress;
  readonly #minor: 0 | 1 | 2;

  /** Internal: use {@link CodecFactory}. */
  constructor(orb: OrbInProgress, minor: 0 | 1 | 2) {
    this.#orb = orb;
    this.#minor = minor;
  }

  /** The any, its TypeCode included. @throws InvalidTypeForEncoding; BAD_PARAM for a value that is not of its type */
  encode(data: Any): Uint8Array {
    return this.#encode(data, true);
  }

  /** @throws FormatMismatch */
  decode(data: Uint8Array): Any {
    try {
      return this.#orb.decode(this.#minor, data) as Any;
    } catch (cause) {
      throw new IOP.Codec.FormatMismatch({ cause });
    }
  }

  /** The value alone. @throws as `encode` */
  encode_value(data: Any): Uint8Array {
    return this.#encode(data, false);
  }

  /** @throws FormatMismatch for what is no encapsulation, TypeMismatch for one of something else */
  decode_value(data: Uint8Array, tc: TypeCode): Any {
    const [order] = data;
    if (order === undefined || order > 1) {
      const cause = new MARSHAL("an encapsulation begins with 0 or 1, its byte order");
      throw new IOP.Codec.FormatMismatch({ cause });
    }
    try {
      return this.#orb.decode(this.#minor, data, tc) as Any;
    } catch (cause) {
      throw new IOP.Codec.TypeMismatch({ cause });
    }
  }

  #encode(data: Any, withType: boolean): Uint8Array {
    try {
      return this.#orb.encode(this.#minor, data, withType);
    } catch (cause) {
      if (cause instanceof BAD_TYPECODE || isTypeFault(cause)) {
        throw new IOP.Codec.InvalidTypeForEncoding({ cause });
      }
      throw cause;
    }
  }
}

function isTypeFault(thrown: unknown): thrown is SystemException {
  return thrown instanceof MARSHAL && TYPE_FAULTS.has(thrown.minor);
}

/** IOP::CodecFactory, the initial reference `CodecFactory` (CORBA 3.3 Part 1, 16.9.2). */
export class CodecFactory implements IOP.CodecFactory {
  readonly #orb: OrbInProgress;

  /** Internal: each ORB has one. */
  constructor(orb: OrbInProgress) {
    this.#orb = orb;
  }

  /** Knows ENCODING_CDR_ENCAPS of GIOP 1.0, 1.1 and 1.2. @throws UnknownEncoding */
  create_codec(enc: IOP.Encoding): Codec {
    const { format, major_version: major, minor_version: minor } = enc;
    if (format === CDR_ENCAPS && major === 1 && minor >= 0 && minor <= HIGHEST_MINOR) {
      return new Codec(this.#orb, minor as 0 | 1 | 2);
    }
    throw new IOP.CodecFactory.UnknownEncoding();
  }
}
