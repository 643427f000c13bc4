import { type CdrContext, type CdrInput, type CdrOutput } from "../../../orb/cdr/index.ts";
import {
  readValue,
  ValueBase,
  type ValueDescriptor,
  writeValue,
} from "../../../orb/value/index.ts";

/** Classes as the IDL compiler makes them, for the value types of the vectors. */

export class Base extends ValueBase {
  x = 0;
  override get _value(): ValueDescriptor {
    return BASE;
  }
}

export const BASE: ValueDescriptor = {
  repositoryId: "IDL:V/Base:1.0",
  name: "V::Base",
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  writeState: (out, v: Base) => void out.long(v.x),
  readState: (input, v: Base) => {
    v.x = input.long();
  },
  create: () => new Base(),
};

export class Der extends Base {
  s = "";
  other: Base | null = null;
  d = 0;
  override get _value(): ValueDescriptor {
    return DER;
  }
}

export const DER: ValueDescriptor = {
  repositoryId: "IDL:V/Der:1.0",
  name: "V::Der",
  base: () => BASE,
  isTruncatable: true,
  isCustom: false,
  writeState: (out, v: Der) => {
    out.string(v.s);
    writeValue(out, v.other, BASE);
    out.double(v.d);
  },
  readState: (input, v: Der) => {
    v.s = input.string();
    v.other = readValue<Base>(input, BASE);
    v.d = input.double();
  },
  create: () => new Der(),
};

/** The same, for the runtime to walk. */
export const DER_IN_STEPS: ValueDescriptor = {
  ...DER,
  steps: () => [
    {
      write: (out, v) => void out.string((v as Der).s),
      read: (input, v) => {
        (v as Der).s = input.string();
      },
    },
    { member: "other", formal: () => BASE },
    {
      write: (out, v) => void out.double((v as Der).d),
      read: (input, v) => {
        (v as Der).d = input.double();
      },
    },
  ],
};

/** A node of a graph, `valuetype Node { public long weight; public Node left, right; }`. */
export class Node extends ValueBase {
  weight = 0;
  left: Node | null = null;
  right: Node | null = null;
  override get _value(): ValueDescriptor {
    return NODE;
  }
}

export const NODE: ValueDescriptor = {
  repositoryId: "IDL:V/Node:1.0",
  name: "V::Node",
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  steps: () => [
    {
      write: (out, v) => void out.long((v as Node).weight),
      read: (input, v) => {
        (v as Node).weight = input.long();
      },
    },
    { member: "left", formal: () => NODE },
    { member: "right", formal: () => NODE },
  ],
  create: () => new Node(),
};

/** The same without steps: every level takes some of the call stack. */
export class RecursiveNode extends Node {
  override get _value(): ValueDescriptor {
    return RECURSIVE_NODE;
  }
}

export const RECURSIVE_NODE: ValueDescriptor = {
  repositoryId: NODE.repositoryId,
  name: NODE.name,
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  writeState: (out, v: Node) => {
    out.long(v.weight);
    writeValue(out, v.left, RECURSIVE_NODE);
    writeValue(out, v.right, RECURSIVE_NODE);
  },
  readState: (input, v: Node) => {
    v.weight = input.long();
    v.left = readValue<Node>(input, RECURSIVE_NODE);
    v.right = readValue<Node>(input, RECURSIVE_NODE);
  },
  create: () => new RecursiveNode(),
};

/** `custom valuetype Text`, which sends its characters one by one, and a value behind them. */
export class Text extends ValueBase {
  text = "";
  rest: Base | null = null;
  override get _value(): ValueDescriptor {
    return TEXT;
  }
  marshal(out: CdrOutput): void {
    out.ulong(this.text.length);
    for (const c of this.text) out.char(c);
    writeValue(out, this.rest, BASE);
  }
  unmarshal(input: CdrInput): void {
    const length = input.sequenceLength(1);
    for (let i = 0; i < length; i++) this.text += input.char();
    this.rest = readValue<Base>(input, BASE);
  }
}

export const TEXT: ValueDescriptor = {
  repositoryId: "IDL:V/Text:1.0",
  name: "V::Text",
  base: undefined,
  isTruncatable: false,
  isCustom: true,
  create: () => new Text(),
};

/** A context that knows these value types, and has no references. */
export function knowing(...types: readonly ValueDescriptor[]): CdrContext {
  const byId = new Map(types.map((type) => [type.repositoryId, type]));
  return {
    writeObject: (out, reference) => void out.string(String(reference)),
    readObject: (input) => input.string(),
    findValue: (id) => byId.get(id),
  };
}

export function base(x: number): Base {
  return Object.assign(new Base(), { x });
}

export function der(x: number, s: string, other: Base | null, d: number): Der {
  return Object.assign(new Der(), { x, s, other, d });
}

export function node(weight: number, left: Node | null = null, right: Node | null = null): Node {
  return Object.assign(new Node(), { weight, left, right });
}
