import type { CdrContext } from "../../orb/cdr/index.ts";
import { Assembler, type GiopMessage } from "../../orb/giop/index.ts";
import { iiopProfilesOf, readIor } from "../../orb/ior/index.ts";

/** A reference without the padding of its profiles, which differs each time TAO writes one. */
export interface SeenReference {
  readonly typeId: string;
  /** Address, version and key of each IIOP profile. */
  readonly profiles: readonly string[];
}

/** Reads references down to their components; writes none. */
const seenReferences: CdrContext = {
  writeObject: () => {
    throw new TypeError("references are only read");
  },
  readObject: (input): SeenReference => {
    const ior = readIor(input);
    const profiles = iiopProfilesOf(ior).map(
      ({ host, port, minor, objectKey, components }) =>
        `${host}:${port} 1.${minor} ${Buffer.from(objectKey).toString("hex")} ${components.length}`,
    );
    return { typeId: ior.typeId, profiles };
  },
};

/** Every message of one direction of a connection, which must end with a whole one. */
export function messagesIn(octets: Uint8Array): GiopMessage[] {
  const messages: GiopMessage[] = [];
  const assembler = new Assembler({ cdr: { context: seenReferences } });
  assembler.consume(octets, (message) => messages.push(message));
  if (assembler.pending) throw new RangeError(`${assembler.pendingOctets} octets are left over`);
  return messages;
}
