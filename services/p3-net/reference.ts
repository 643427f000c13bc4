import { CdrOutput } from "../../orb/generated.ts";

const TAG_INTERNET_IOP = 0;
const TAG_CODE_SETS = 1;
const UTF_8 = 0x0501_0001;
const UTF_16 = 0x0001_0109;
const IIOP_MINOR = 2;

export interface ReferenceParts {
  readonly repositoryId: string;
  readonly host: string;
  readonly port: number;
  readonly key: string;
}

/** An encapsulation in this byte order (CORBA 3.3 Part 2, 9.3.3). */
function encapsulated(write: (out: CdrOutput) => void): Uint8Array {
  const out = new CdrOutput();
  out.octet(1);
  write(out);
  return out.finish();
}

/**
 * `IOR:…` of an object whose place and key are known. Unlike `corbaloc:` it tells that UTF-8 is understood there: names of
 * services are in any language.
 */
export function referenceText({ repositoryId, host, port, key }: ReferenceParts): string {
  const codeSets = encapsulated((out) => {
    for (const native of [UTF_8, UTF_16]) out.ulong(native).ulong(0);
  });
  const profile = encapsulated((out) => {
    out.octet(1).octet(IIOP_MINOR).string(host).ushort(port);
    out.octetSequence(Buffer.from(key));
    out.ulong(1).ulong(TAG_CODE_SETS).octetSequence(codeSets);
  });
  const ior = encapsulated((out) => {
    out.string(repositoryId).ulong(1).ulong(TAG_INTERNET_IOP).octetSequence(profile);
  });
  return `IOR:${Buffer.from(ior).toString("hex")}`;
}
