import type { CdrContext, CdrInput, CdrOutput } from "../cdr/index.ts";
import { BAD_PARAM, MARSHAL, MINOR } from "../exception/index.ts";
import { NIL_IOR, readIor, writeIor } from "../ior/index.ts";
import { MAX_VALUES, type ValueDescriptor } from "../value/index.ts";
import { LocalObject } from "./local-object.ts";
import { ObjectReference } from "./reference.ts";
import { type Invoker, ReferenceCore } from "../call/index.ts";
import { ValueFactories } from "./value-factories.ts";

/** How references enter and leave streams: as IORs, with the ORB that is to call them; and which value types it knows. */
export class ObjectContext implements CdrContext {
  #invoker: Invoker | undefined;
  readonly values: ValueFactories = new ValueFactories();
  readonly maxValues: number;

  /** @param maxValues most values in a message */
  constructor(maxValues: number = MAX_VALUES) {
    this.maxValues = maxValues;
  }

  /** The context is needed to make what makes calls, so the latter is given afterwards. */
  bind(invoker: Invoker): void {
    this.#invoker = invoker;
  }

  writeObject(out: CdrOutput, reference: unknown): void {
    if (reference === null) {
      writeIor(out, NIL_IOR);
      return;
    }
    if (reference instanceof LocalObject) {
      const text = `${reference.constructor.name} is a local object and cannot be sent`;
      throw new MARSHAL(text, MINOR.localObject);
    }
    if (!(reference instanceof ObjectReference)) {
      throw new BAD_PARAM(`an object reference or null is needed, not ${typeof reference}`);
    }
    writeIor(out, reference._core.ior);
  }

  readObject(input: CdrInput): ObjectReference | null {
    const ior = readIor(input);
    if (ior.typeId === "" && ior.profiles.length === 0) return null;
    return new ObjectReference(new ReferenceCore(ior, this.#invoker as Invoker));
  }

  findValue(repositoryId: string): ValueDescriptor | undefined {
    return this.values.find(repositoryId);
  }
}
