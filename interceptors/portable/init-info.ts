import { PortableInterceptor } from "../../idl/index.ts";
import {
  BAD_INV_ORDER,
  Completion,
  InvalidName,
  MINOR,
  OBJECT_NOT_EXIST,
  type ObjectReference,
  type Policy,
  PolicyError,
} from "../../orb/index.ts";
import { CodecFactory } from "./codec.ts";
import type {
  ClientRequestInterceptor,
  IORInterceptor,
  ORBInitInfo,
  ServerRequestInterceptor,
} from "./interceptor.ts";
import type { Kit } from "./kit.ts";
import type { PolicyFactory } from "./policies.ts";
import { Added } from "./processing-mode.ts";

/** CORBA::BAD_POLICY. */
const BAD_POLICY = 0;

/** What initializers ask for, until the ORB is made. */
export class InitInfo implements ORBInitInfo {
  readonly #kit: Kit;
  readonly #codecs: CodecFactory;
  #step: "pre_init" | "post_init" | "over" = "pre_init";
  /** Internal. */
  readonly _clients: Added<ClientRequestInterceptor> = new Added();
  /** Internal. */
  readonly _servers: Added<ServerRequestInterceptor> = new Added();
  /** Internal. */
  readonly _iors: IORInterceptor[] = [];

  constructor(kit: Kit, codecs: CodecFactory) {
    this.#kit = kit;
    this.#codecs = codecs;
  }

  /** Internal. */
  _step(to: "post_init" | "over"): void {
    this.#step = to;
  }

  get arguments(): readonly string[] {
    this.#check("arguments");
    return this.#kit.orb.arguments;
  }

  get orb_id(): string {
    this.#check("orb_id");
    return this.#kit.orb.id;
  }

  get codec_factory(): CodecFactory {
    this.#check("codec_factory");
    return this.#codecs;
  }

  register_initial_reference(id: string, obj: ObjectReference): void {
    this.#check("register_initial_reference");
    try {
      this.#kit.orb.register(id, obj);
    } catch (cause) {
      throw cause instanceof InvalidName
        ? new PortableInterceptor.ORBInitInfo.InvalidName({ cause })
        : cause;
    }
  }

  async resolve_initial_references(id: string): Promise<ObjectReference> {
    this.#check("resolve_initial_references");
    if (this.#step === "pre_init") {
      const text = "initial references are resolved in post_init: in pre_init not all are there";
      throw new BAD_INV_ORDER(text, MINOR.interceptionPointForbids, Completion.no);
    }
    try {
      return (await this.#kit.orb.resolve(id)) as ObjectReference;
    } catch (cause) {
      throw cause instanceof InvalidName
        ? new PortableInterceptor.ORBInitInfo.InvalidName({ cause })
        : cause;
    }
  }

  add_client_request_interceptor(interceptor: ClientRequestInterceptor): void {
    this.add_client_request_interceptor_with_policy(interceptor, []);
  }

  add_server_request_interceptor(interceptor: ServerRequestInterceptor): void {
    this.add_server_request_interceptor_with_policy(interceptor, []);
  }

  add_ior_interceptor(interceptor: IORInterceptor): void {
    this.add_ior_interceptor_with_policy(interceptor, []);
  }

  add_client_request_interceptor_with_policy(
    interceptor: ClientRequestInterceptor,
    policies: readonly Policy[],
  ): void {
    this.#check("add_client_request_interceptor");
    checkName(interceptor, this._clients.all);
    this._clients.add(interceptor, policies);
  }

  add_server_request_interceptor_with_policy(
    interceptor: ServerRequestInterceptor,
    policies: readonly Policy[],
  ): void {
    this.#check("add_server_request_interceptor");
    checkName(interceptor, this._servers.all);
    this._servers.add(interceptor, policies);
  }

  add_ior_interceptor_with_policy(interceptor: IORInterceptor, policies: readonly Policy[]): void {
    this.#check("add_ior_interceptor");
    checkName(interceptor, this._iors);
    const [policy] = policies;
    if (policy !== undefined) {
      const text = `policy type ${policy.policy_type} says nothing of an IOR interceptor`;
      throw new PolicyError({ reason: BAD_POLICY }, text);
    }
    this._iors.push(interceptor);
  }

  allocate_slot_id(): PortableInterceptor.SlotId {
    this.#check("allocate_slot_id");
    return this.#kit.current._allocate();
  }

  register_policy_factory(type: number, policy_factory: PolicyFactory): void {
    this.#check("register_policy_factory");
    this.#kit.policies.register(type, policy_factory);
  }

  #check(what: string): void {
    if (this.#step !== "over") return;
    const text = `ORBInitInfo.${what}: the ORB is made, and the info about its making gone`;
    throw new OBJECT_NOT_EXIST(text, MINOR.none, Completion.no);
  }
}

/** @throws DuplicateName; the empty name may be there any number of times */
function checkName(
  { name }: { readonly name: string },
  others: readonly { readonly name: string }[],
): void {
  if (name === "" || others.every((other) => other.name !== name)) return;
  throw new PortableInterceptor.ORBInitInfo.DuplicateName({ name_: name });
}
