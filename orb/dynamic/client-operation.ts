import { readValue, writeValue } from "../any/index.ts";
import {
  type CdrInput,
  type CdrOutput,
  type OperationContext,
  writeContext,
} from "../cdr/index.ts";
import { BAD_PARAM, MINOR, SystemException } from "../exception/index.ts";
import type { ClientOperation, Raises } from "../call/index.ts";
import { TypeCode } from "../typecode/index.ts";
import { raisesOf } from "./exceptions.ts";
import { type Flags, isReturned, isSent } from "./flags.ts";

/** A parameter of an operation, and the value to be sent where there is one. */
export interface Parameter {
  /** For messages to people; may be empty. */
  readonly name: string;
  readonly type: TypeCode;
  readonly value: unknown;
  readonly flags: Flags;
}

/** What a dynamic call brings back. */
export interface Results {
  readonly result: unknown;
  /** Of the inout and out parameters, in their order. */
  readonly outs: readonly unknown[];
}

/** What is known of an operation that no stub describes. */
export interface Signature {
  readonly name: string;
  readonly isOneway: boolean;
  readonly parameters: readonly Parameter[];
  readonly result: TypeCode;
  readonly exceptions: readonly TypeCode[];
  /** Names of context properties that travel with it; none where its IDL has no `context`. */
  readonly contexts: readonly string[];
  readonly context: OperationContext;
}

/** An operation as stubs have it, made for one call. */
export class DynamicClientOperation implements ClientOperation<readonly [], Results> {
  readonly name: string;
  readonly oneway?: true;
  readonly #signature: Signature;

  /** @throws BAD_PARAM for what is no TypeCode */
  constructor(signature: Signature) {
    const { name, parameters, result } = signature;
    parameters.forEach(({ type }, i) => checkType(type, `${name}: ${place(parameters, i)}`));
    checkType(result, `${name}: its result`);
    this.name = signature.name;
    if (signature.isOneway) this.oneway = true;
    this.#signature = signature;
  }

  raises(): readonly Raises[] {
    return this.#signature.exceptions.map(raisesOf);
  }

  writeArguments(out: CdrOutput): void {
    const { parameters, contexts, context } = this.#signature;
    parameters.forEach(({ type, value, flags }, i) => {
      if (!isSent(flags)) return;
      try {
        writeValue(out, type, value);
      } catch (thrown) {
        if (thrown instanceof SystemException) {
          thrown.message = `${this.name}: ${place(parameters, i)}: ${thrown.message}`;
        }
        throw thrown;
      }
    });
    if (contexts.length > 0) writeContext(out, context, contexts);
  }

  readResult(input: CdrInput): Results {
    const { result, parameters } = this.#signature;
    const returned = readValue(input, result);
    const outs: unknown[] = [];
    for (const { type, flags } of parameters) {
      if (isReturned(flags)) outs.push(readValue(input, type));
    }
    return { result: returned, outs };
  }
}

function place(parameters: readonly Parameter[], index: number): string {
  const name = parameters[index]?.name ?? "";
  return `argument ${index + 1} of ${parameters.length}${name === "" ? "" : ` (${name})`}`;
}

function checkType(type: unknown, where: string): void {
  if (type instanceof TypeCode) return;
  const text = `${where}: a TypeCode is needed, such as tc.long, not ${type === null ? "null" : typeof type}`;
  throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
}
