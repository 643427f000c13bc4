import { type CORBA, type IOP, PortableInterceptor } from "../../idl/index.ts";
import type { AdapterState, IorShape, ShapedAdapter } from "../../orb/hook/index.ts";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  Completion,
  MINOR,
  type ObjectReference,
  type Policy,
} from "../../orb/index.ts";
import type { Kit } from "./kit.ts";

/** PortableInterceptor::AdapterState. */
export const STATES: Readonly<Record<AdapterState, PortableInterceptor.AdapterState>> = {
  HOLDING: 0,
  ACTIVE: 1,
  DISCARDING: 2,
  INACTIVE: 3,
  NON_EXISTENT: 4,
};

/** Profiles that this ORB's references have: IIOP alone. */
const OWN_PROFILES: ReadonlySet<number> = new Set([0]);

/** The POA's own way of making references (CORBA 3.3 Part 1, 16.5.2); it lives in its process and cannot be sent. */
export class AdapterTemplate extends PortableInterceptor.ObjectReferenceTemplate {
  readonly server_id: PortableInterceptor.ServerId;
  readonly orb_id: PortableInterceptor.ORBId;
  readonly adapter_name: PortableInterceptor.AdapterName;
  readonly #adapter: ShapedAdapter;

  /** Internal: made with each POA. */
  constructor(kit: Kit, adapter: ShapedAdapter) {
    super();
    this.#adapter = adapter;
    this.server_id = kit.serverId;
    this.orb_id = kit.orb.id;
    this.adapter_name = ["RootPOA", ...adapter.path];
  }

  make_object(repository_id: string, id: PortableInterceptor.ObjectId): ObjectReference {
    return this.#adapter.makeReference(repository_id, id) as ObjectReference;
  }
}

type IorPoint = "establish_components" | "components_established";

/** What may be asked for in one of the two points only. */
const ONLY_IN: Readonly<Record<string, IorPoint>> = {
  add_ior_component: "establish_components",
  add_ior_component_to_profile: "establish_components",
  adapter_template: "components_established",
  current_factory: "components_established",
};

/** PortableInterceptor::IORInfo: a POA in the making (CORBA 3.3 Part 1, 16.5.3). BAD_INV_ORDER 14 in the wrong point. */
export class IORInfo implements PortableInterceptor.IORInfo {
  readonly #kit: Kit;
  readonly #adapter: ShapedAdapter;
  readonly #template: AdapterTemplate;
  readonly #components: { profileTag: number | undefined; component: Plain }[] = [];
  #factory: PortableInterceptor.ObjectReferenceFactory;
  /** Internal: the point that runs. */
  _at: IorPoint | undefined;

  /** Internal: made with each POA. */
  constructor(kit: Kit, adapter: ShapedAdapter, template: AdapterTemplate) {
    this.#kit = kit;
    this.#adapter = adapter;
    this.#template = template;
    this.#factory = template;
  }

  /** Internal: what came of it. */
  get _shape(): IorShape {
    const factory = this.#factory;
    return {
      components: this.#components,
      makeReference:
        factory === this.#template ? undefined : (type, id) => factory.make_object(type, id),
    };
  }

  /** null where the POA was given none. @throws INV_POLICY 2 for a type that nobody knows */
  get_effective_policy(type: CORBA.PolicyType): Policy | null {
    this.#check("get_effective_policy");
    const policy = this.#adapter.policy(type);
    if (policy === undefined) this.#kit.policies.checkKnown(type);
    return policy ?? null;
  }

  /** To all profiles of all references of the POA. */
  add_ior_component(a_component: IOP.TaggedComponent): void {
    this.#check("add_ior_component");
    this.#components.push({ profileTag: undefined, component: plainOf(a_component) });
  }

  /** @throws BAD_PARAM 29 for a profile that references of this ORB do not have: they have TAG_INTERNET_IOP alone */
  add_ior_component_to_profile(a_component: IOP.TaggedComponent, profile_id: IOP.ProfileId): void {
    this.#check("add_ior_component_to_profile");
    if (!OWN_PROFILES.has(profile_id)) {
      const text = `references have no profile ${profile_id}; they have TAG_INTERNET_IOP 0`;
      throw new BAD_PARAM(text, MINOR.invalidProfileId, Completion.no);
    }
    this.#components.push({ profileTag: profile_id, component: plainOf(a_component) });
  }

  get manager_id(): PortableInterceptor.AdapterManagerId {
    this.#check("manager_id");
    return this.#adapter.managerId;
  }

  get state(): PortableInterceptor.AdapterState {
    this.#check("state");
    return STATES[this.#adapter.state()];
  }

  get adapter_template(): AdapterTemplate {
    this.#check("adapter_template");
    return this.#template;
  }

  /** Makes the references of the POA; another one may take the place of the template. */
  get current_factory(): PortableInterceptor.ObjectReferenceFactory {
    this.#check("current_factory");
    return this.#factory;
  }

  set current_factory(factory: PortableInterceptor.ObjectReferenceFactory) {
    this.#check("current_factory");
    this.#factory = factory;
  }

  #check(what: string): void {
    const only = ONLY_IN[what];
    if (this._at !== undefined && (only === undefined || only === this._at)) return;
    const text = `${what} is not known in ${this._at ?? "anything but the points of IOR interceptors"}`;
    throw new BAD_INV_ORDER(text, MINOR.interceptionPointForbids, Completion.no);
  }
}

interface Plain {
  readonly tag: number;
  readonly data: Uint8Array;
}

function plainOf({ tag, component_data }: IOP.TaggedComponent): Plain {
  return { tag, data: component_data.slice() };
}
