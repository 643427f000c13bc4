import {
  type CdrInput,
  type CdrOutput,
  type CodeSetComponent,
  type CodeSetComponentInfo,
  decapsulate,
  encapsulate,
} from "../../cdr/index.ts";
import { COMPONENT_TAG, type TaggedComponent } from "../component.ts";

function write(out: CdrOutput, { native, conversions }: CodeSetComponent): void {
  out.ulong(native).ulong(conversions.length);
  for (const id of conversions) out.ulong(id);
}

function read(input: CdrInput): CodeSetComponent {
  const native = input.ulong();
  const count = input.sequenceLength(4);
  const conversions: number[] = [];
  for (let i = 0; i < count; i++) conversions.push(input.ulong());
  return { native, conversions };
}

/** TAG_CODE_SETS (CORBA 3.3 Part 2, 7.10.2.4). */
export function codeSetsComponent(info: CodeSetComponentInfo): TaggedComponent {
  const data = encapsulate((out) => {
    write(out, info.char);
    write(out, info.wchar);
  });
  return { tag: COMPONENT_TAG.codeSets, data };
}

/** @throws MARSHAL when octets are missing */
export function readCodeSetsComponent(data: Uint8Array): CodeSetComponentInfo {
  return decapsulate(data, (input) => {
    const char = read(input);
    return { char, wchar: read(input) };
  });
}
