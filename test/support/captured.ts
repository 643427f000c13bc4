import type { CdrContext } from "../../orb/cdr/index.ts";
import { Assembler, type GiopMessage } from "../../orb/giop/index.ts";
import { readIor, writeIor, type Ior } from "../../orb/ior/index.ts";

/** References stay what they are on the wire. */
export const iorContext: CdrContext = {
  writeObject: (out, reference) => writeIor(out, reference as Ior),
  readObject: (input) => readIor(input),
};

/** Every message of one direction of a connection, which must end with a whole one. */
export function messagesIn(octets: Uint8Array): GiopMessage[] {
  const messages: GiopMessage[] = [];
  const assembler = new Assembler({ cdr: { context: iorContext } });
  assembler.consume(octets, (message) => messages.push(message));
  if (assembler.pending) throw new RangeError(`${assembler.pendingOctets} octets are left over`);
  return messages;
}
