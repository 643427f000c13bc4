import { decapsulate, encapsulate } from "../../cdr/index.ts";
import { COMPONENT_TAG, type TaggedComponent } from "../component.ts";

/** A further address at which the same object key is served (CORBA 3.3 Part 2, 9.7.3). */
export interface IiopAddress {
  readonly host: string;
  readonly port: number;
}

export function alternateAddressComponent({ host, port }: IiopAddress): TaggedComponent {
  const data = encapsulate((out) => out.string(host).ushort(port));
  return { tag: COMPONENT_TAG.alternateIiopAddress, data };
}

/** @throws MARSHAL when octets are missing */
export function readAlternateAddressComponent(data: Uint8Array): IiopAddress {
  return decapsulate(data, (input) => {
    const host = input.string();
    return { host, port: input.ushort() };
  });
}

/** Every alternate address among the components, in their order. */
export function alternateAddressesOf(components: readonly TaggedComponent[]): IiopAddress[] {
  return components
    .filter(({ tag }) => tag === COMPONENT_TAG.alternateIiopAddress)
    .map(({ data }) => readAlternateAddressComponent(data));
}
