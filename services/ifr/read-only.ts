import type { CORBA } from "../../idl/index.ts";
import { Completion, NO_PERMISSION } from "../../orb/index.ts";

/** What every operation that would change the repository answers. */
export function refuse(): never {
  throw new NO_PERMISSION(
    "this interface repository is filled from IDL files and cannot be changed by clients: change the files and start it anew",
    0,
    Completion.no,
  );
}

/** The changes of `CORBA::Contained`. */
export const UNCHANGEABLE_CONTAINED: Pick<
  CORBA.ContainedServant,
  "_set_id" | "_set_name" | "_set_version" | "move"
> = { _set_id: refuse, _set_name: refuse, _set_version: refuse, move: refuse };

/** The changes of `CORBA::Container`. */
export const UNCHANGEABLE_CONTAINER: Omit<
  CORBA.ContainerServant,
  "_get_def_kind" | "destroy" | "lookup" | "contents" | "lookup_name" | "describe_contents"
> = {
  create_module: refuse,
  create_constant: refuse,
  create_struct: refuse,
  create_union: refuse,
  create_enum: refuse,
  create_alias: refuse,
  create_interface: refuse,
  create_value: refuse,
  create_value_box: refuse,
  create_exception: refuse,
  create_native: refuse,
  create_abstract_interface: refuse,
  create_local_interface: refuse,
  create_ext_value: refuse,
};
