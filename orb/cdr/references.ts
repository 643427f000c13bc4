import { INTERNAL } from "../exception/index.ts";

/** How an output turns object references into octets; `Out` is the output. */
export interface ReferenceWriter<Out> {
  /** Writes an object reference as an IOR; `null` is nil. */
  writeObject(out: Out, reference: unknown): void;
  /** Most values written into a message; 100,000 when left out. */
  readonly maxValues?: number;
}

/** How an input makes object references; `In` is the input. */
export interface ReferenceReader<In> {
  /** Reads an IOR; nil is `null`. */
  readObject(input: In): unknown;
  /** The `ValueDescriptor` registered for a value type; undefined where none is. */
  findValue?(repositoryId: string): unknown;
  /** Most values read from a message; 100,000 when left out. */
  readonly maxValues?: number;
}

/** For streams that carry no references. */
export const noContext: ReferenceWriter<unknown> & ReferenceReader<unknown> = {
  writeObject: () => {
    throw new INTERNAL("this stream was opened without an ORB and cannot write object references");
  },
  readObject: () => {
    throw new INTERNAL("this stream was opened without an ORB and cannot read object references");
  },
};
