import { STANDARD_IDL, diskReader } from "../../idlc/cli/index.ts";
import { check, renderDiagnostic } from "../../idlc/index.ts";
import type { Model } from "../../idlc/model/index.ts";
import type { CORBA } from "../../idl/index.ts";
import type { ORB } from "../../orb/index.ts";
import { INTERFACE_REPOSITORY, Repository } from "./repository.ts";

/** What `startInterfaceRepository` takes. */
export interface InterfaceRepositoryOptions {
  readonly orb: ORB;
  /** IDL files; what they include is in the repository, too. */
  readonly files: readonly string[];
  /** Folders searched by `#include`, in order; the standard IDL comes after them. */
  readonly includeDirs?: readonly string[];
  /** `NAME` or `NAME=VALUE`. */
  readonly defines?: readonly string[];
}

/** A running interface repository. */
export interface InterfaceRepositoryService extends AsyncDisposable {
  readonly root: CORBA.Repository;
  /** Takes its objects and its name away; the ORB goes on, and another repository may be started. */
  close(): Promise<void>;
}

/** The IDL is wrong; the message has each diagnostic on a line of its own. */
export class IdlError extends Error {
  override readonly name: string = "IdlError";
}

/** Reads IDL files and what they include. @throws IdlError */
export function readModel({
  files,
  includeDirs,
  defines,
}: Omit<InterfaceRepositoryOptions, "orb">): Model {
  const options = {
    systemDirs: [STANDARD_IDL],
    ...(includeDirs === undefined ? {} : { includeDirs }),
    ...(defines === undefined ? {} : { defines }),
  };
  const { model, diagnostics } = check(files, options, diskReader);
  if (model !== undefined) return model;
  throw new IdlError(diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
}

/**
 * Serves the read side of `CORBA::Repository` (CORBA 3.3 Part 1, chapter 14), filled from IDL: at the
 * object key `InterfaceRepository` and as the initial reference of that name, so that `_get_interface`
 * of all objects of this ORB is answered. Operations that change it raise NO_PERMISSION.
 * @throws IdlError when the files have errors, InvalidName when the ORB has a repository already
 */
export async function startInterfaceRepository(
  options: InterfaceRepositoryOptions,
): Promise<InterfaceRepositoryService> {
  const { orb } = options;
  const model = readModel(options);
  // A manager of its own: it answers whatever the application does with the RootPOA's.
  const parent = await orb.rootPOA.create_POA(INTERFACE_REPOSITORY, null, []);
  const poa = await parent.createPoa("definitions", {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
  });
  const root = new Repository(model, poa).repository;
  try {
    orb.register_initial_reference(INTERFACE_REPOSITORY, root);
  } catch (error) {
    await parent.destroy();
    throw error;
  }
  orb.bindPlainKey(INTERFACE_REPOSITORY, root);
  parent.the_POAManager.activate();
  let isOpen = true;
  const close = async (): Promise<void> => {
    // A second call must not take away what another repository registered meanwhile.
    if (isOpen) orb._withdraw(INTERFACE_REPOSITORY);
    isOpen = false;
    await parent.destroy(true, true);
  };
  return { root, close, [Symbol.asyncDispose]: close };
}
