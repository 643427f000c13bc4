import type { TaggedComponent } from "../ior/index.ts";
import type { HookedAdapter } from "./server-request.ts";

/** States of a POA, by the manager that governs it (PortableInterceptor::AdapterState). */
export type AdapterState = "HOLDING" | "ACTIVE" | "DISCARDING" | "INACTIVE" | "NON_EXISTENT";

/** A POA in the making. */
export interface ShapedAdapter extends HookedAdapter {
  readonly managerId: string;
  state(): AdapterState;
  /** A reference as the POA itself makes it: an `ObjectReference`, which is unknown on this floor. */
  makeReference(repositoryId: string, objectId: Uint8Array): unknown;
}

/** What the references of a POA are to be like. */
export interface IorShape {
  /** For profiles of the tag; all where it is undefined. */
  readonly components: readonly {
    readonly profileTag: number | undefined;
    readonly component: TaggedComponent;
  }[];
  /** Makes references in place of the POA; an `ObjectReference` or null. */
  readonly makeReference: ((repositoryId: string, objectId: Uint8Array) => unknown) | undefined;
}

/** Has a say in what references are like, and is told what becomes of POAs. */
export interface IorHook {
  /** @throws OBJ_ADAPTER 6 to have the POA not made; undefined leaves its references alone */
  adapterCreated(adapter: ShapedAdapter): IorShape | undefined;
  managerChanged(managerId: string, state: AdapterState): void;
  adaptersDestroyed(paths: readonly (readonly string[])[]): void;
}
