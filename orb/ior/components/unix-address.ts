import { decapsulate, encapsulate } from "../../cdr/index.ts";
import { COMPONENT_TAG, type TaggedComponent } from "../component.ts";

/** A UNIX-domain socket of one machine, as omniORB's references name it (TAG_OMNIORB_UNIX_TRANS). */
export interface UnixAddress {
  /** The name of the machine. */
  readonly host: string;
  readonly path: string;
}

export function unixAddressComponent({ host, path }: UnixAddress): TaggedComponent {
  const data = encapsulate((out) => out.string(host).string(path));
  return { tag: COMPONENT_TAG.omniOrbUnixTransport, data };
}

/** Every such address among the components, in their order. @throws MARSHAL when octets are missing */
export function unixAddressesOf(components: readonly TaggedComponent[]): UnixAddress[] {
  return components
    .filter(({ tag }) => tag === COMPONENT_TAG.omniOrbUnixTransport)
    .map(({ data }) =>
      decapsulate(data, (input) => {
        const host = input.string();
        return { host, path: input.string() };
      }),
    );
}
