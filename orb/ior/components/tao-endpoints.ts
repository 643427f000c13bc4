import { decapsulate, encapsulate } from "../../cdr/index.ts";
import { COMPONENT_TAG, findComponent, type TaggedComponent } from "../component.ts";

/** An endpoint of a profile, with the priority of the lane that is there. */
export interface PriorityEndpoint {
  readonly host: string;
  readonly port: number;
  /** -1 for none. */
  readonly priority: number;
}

/** Octets of the shortest: a host of one NUL, a port, a priority. */
const MIN_OCTETS = 10;

/** TAO_TAG_ENDPOINTS: every endpoint of a profile, its own first. */
export function taoEndpointsComponent(endpoints: readonly PriorityEndpoint[]): TaggedComponent {
  const data = encapsulate((out) => {
    out.ulong(endpoints.length);
    for (const { host, port, priority } of endpoints) out.string(host).ushort(port).short(priority);
  });
  return { tag: COMPONENT_TAG.taoEndpoints, data };
}

/** The endpoints with priorities of a profile; empty where it has none. @throws MARSHAL when octets are missing */
export function taoEndpointsOf(components: readonly TaggedComponent[]): PriorityEndpoint[] {
  const component = findComponent(components, COMPONENT_TAG.taoEndpoints);
  if (component === undefined) return [];
  return decapsulate(component.data, (input) =>
    Array.from({ length: input.sequenceLength(MIN_OCTETS) }, () => {
      const host = input.string();
      return { host, port: input.ushort(), priority: input.short() };
    }),
  );
}
