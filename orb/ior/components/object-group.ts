import { decapsulate, encapsulate } from "../../cdr/index.ts";
import { COMPONENT_TAG, findComponent, type TaggedComponent } from "../component.ts";

/** The object group a profile is a member of (CORBA 3.3 Part 2, 23.2.3): TAG_FT_GROUP. */
export interface ObjectGroup {
  readonly domain: string;
  readonly id: bigint;
  /** Grows with every change of the membership. */
  readonly version: number;
}

const MAJOR = 1;
const MINOR = 0;

export function objectGroupComponent({ domain, id, version }: ObjectGroup): TaggedComponent {
  const data = encapsulate((out) =>
    out.octet(MAJOR).octet(MINOR).string(domain).ulonglong(id).ulong(version),
  );
  return { tag: COMPONENT_TAG.ftGroup, data };
}

export function primaryComponent(isPrimary: boolean): TaggedComponent {
  return { tag: COMPONENT_TAG.ftPrimary, data: encapsulate((out) => out.boolean(isPrimary)) };
}

/** Whether the endpoint answers heartbeats: TAG_FT_HEARTBEAT_ENABLED. */
export function heartbeatComponent(isEnabled: boolean): TaggedComponent {
  const data = encapsulate((out) => out.boolean(isEnabled));
  return { tag: COMPONENT_TAG.ftHeartbeatEnabled, data };
}

/** @throws MARSHAL when octets are missing */
export function hasHeartbeat(components: readonly TaggedComponent[]): boolean {
  const component = findComponent(components, COMPONENT_TAG.ftHeartbeatEnabled);
  return component !== undefined && decapsulate(component.data, (input) => input.boolean());
}

/** undefined for a profile of a single object. @throws MARSHAL when octets are missing */
export function objectGroupOf(components: readonly TaggedComponent[]): ObjectGroup | undefined {
  const component = findComponent(components, COMPONENT_TAG.ftGroup);
  if (component === undefined) return undefined;
  return decapsulate(component.data, (input) => {
    input.octet();
    input.octet();
    const domain = input.string();
    return { domain, id: input.ulonglong(), version: input.ulong() };
  });
}

/** Whether a profile says that its member is the primary. @throws MARSHAL when octets are missing */
export function isPrimaryProfile(components: readonly TaggedComponent[]): boolean {
  const component = findComponent(components, COMPONENT_TAG.ftPrimary);
  return component !== undefined && decapsulate(component.data, (input) => input.boolean());
}
