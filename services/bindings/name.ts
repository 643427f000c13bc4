/** One step of a name; compared exactly, case and all, in both parts (CosNaming::NameComponent). */
export interface NameComponent {
  readonly id: string;
  readonly kind: string;
}

/** A path from a context to a binding; an empty one names nothing (CosNaming::Name). */
export type Name = readonly NameComponent[];

/**
 * A key equal for equal components only: the length of the id tells where the kind begins, so no
 * character needs to be reserved.
 */
export function componentKey(component: NameComponent): string {
  return `${component.id.length}:${component.id}${component.kind}`;
}
