import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import { OBJECT_NOT_EXIST } from "../exception/index.ts";
import type { InvokeOptions, Operation } from "./operation.ts";
import type { ReferenceCore } from "./reference-core.ts";

/** What every servant answers without being written for it (CORBA 3.3 Part 2, 9.4.1.3); references are untyped on this floor. */
export interface Implicit {
  isA(repositoryId: string): boolean | Promise<boolean>;
  nonExistent(): boolean | Promise<boolean>;
  repositoryId(): string;
  interfaceDef(): unknown;
  component(): unknown;
}

function nothingToWrite(): void {
  return undefined;
}

function noArguments(): readonly [] {
  return [];
}

const writeBoolean = (out: CdrOutput, v: boolean): void => void out.boolean(v);
const readBoolean = (input: CdrInput): boolean => input.boolean();
const writeReference = (out: CdrOutput, v: unknown): void => out.context.writeObject(out, v);
const readReference = (input: CdrInput): unknown => input.context.readObject(input);

export const IS_A: Operation<Implicit, readonly [string], boolean> = {
  name: "_is_a",
  writeArguments: (out, args) => void out.string(args[0]),
  readArguments: (input) => [input.string()],
  writeResult: writeBoolean,
  readResult: readBoolean,
  upcall: (servant, args) => servant.isA(args[0]),
};

export const NON_EXISTENT: Operation<Implicit, readonly [], boolean> = {
  name: "_non_existent",
  writeArguments: nothingToWrite,
  readArguments: noArguments,
  writeResult: writeBoolean,
  readResult: readBoolean,
  upcall: (servant) => servant.nonExistent(),
};

export const REPOSITORY_ID: Operation<Implicit, readonly [], string> = {
  name: "_repository_id",
  writeArguments: nothingToWrite,
  readArguments: noArguments,
  writeResult: (out, v) => void out.string(v),
  readResult: (input) => input.string(),
  upcall: (servant) => servant.repositoryId(),
};

/** `get_interface`: the object's InterfaceDef. The wire name is shorter than the operation's. */
export const INTERFACE: Operation<Implicit, readonly [], unknown> = {
  name: "_interface",
  writeArguments: nothingToWrite,
  readArguments: noArguments,
  writeResult: writeReference,
  readResult: readReference,
  upcall: (servant) => servant.interfaceDef(),
};

/** `get_component`: the component a facet belongs to. */
export const COMPONENT: Operation<Implicit, readonly [], unknown> = {
  name: "_component",
  writeArguments: nothingToWrite,
  readArguments: noArguments,
  writeResult: writeReference,
  readResult: readReference,
  upcall: (servant) => servant.component(),
};

/** Stands for a LocateRequest, which asks where the object is and calls nothing. */
export const LOCATE: Operation<never, readonly [], boolean> = {
  name: "LocateRequest",
  writeArguments: nothingToWrite,
  readArguments: noArguments,
  writeResult: nothingToWrite,
  readResult: () => true,
  upcall: () => true,
};

export async function locate(
  core: ReferenceCore,
  options: InvokeOptions | undefined,
): Promise<boolean> {
  return (await core.invoker.invoke(core, LOCATE, [], options)) as boolean;
}

export async function isA(
  core: ReferenceCore,
  repositoryId: string,
  options: InvokeOptions | undefined,
): Promise<boolean> {
  return (await core.invoker.invoke(core, IS_A, [repositoryId], options)) as boolean;
}

export async function nonExistent(
  core: ReferenceCore,
  options: InvokeOptions | undefined,
): Promise<boolean> {
  try {
    return (await core.invoker.invoke(core, NON_EXISTENT, [], options)) as boolean;
  } catch (error) {
    if (error instanceof OBJECT_NOT_EXIST) return true;
    throw error;
  }
}

export async function remoteRepositoryId(
  core: ReferenceCore,
  options: InvokeOptions | undefined,
): Promise<string> {
  return (await core.invoker.invoke(core, REPOSITORY_ID, [], options)) as string;
}
