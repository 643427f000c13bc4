import { MARSHAL, MINOR } from "../exception/index.ts";
import { CdrInput, type CdrInputOptions } from "./input.ts";
import { CdrOutput, type CdrOutputOptions } from "./output.ts";

/**
 * The octets of an encapsulation, byte order octet first, without the length before it: what profiles,
 * components and service contexts hold as their data.
 */
export function encapsulate(
  write: (out: CdrOutput) => void,
  options?: CdrOutputOptions,
): Uint8Array {
  const out = new CdrOutput(options);
  out.octet(out.littleEndian ? 1 : 0);
  write(out);
  return out.finish();
}

/**
 * Reads what {@link encapsulate} makes; octets that `read` leaves are ignored.
 * @throws MARSHAL when there is not even a byte order octet
 */
export function decapsulate<T>(
  octets: Uint8Array,
  read: (input: CdrInput) => T,
  options?: CdrInputOptions,
): T {
  const [order] = octets;
  if (order === undefined) throw new MARSHAL("empty encapsulation", MINOR.lengthPastEnd);
  const littleEndian = (order & 1) === 1;
  return read(new CdrInput(octets, { ...options, littleEndian, position: 1 }));
}
