import type { CORBA, IOP, PortableInterceptor } from "../../idl/index.ts";
import type { ObjectReference, Policy } from "../../orb/index.ts";
import type { ClientRequestInfo } from "./client-info.ts";
import type { CodecFactory } from "./codec.ts";
import type { IORInfo } from "./ior-info.ts";
import type { PolicyFactory } from "./policies.ts";
import type { ServerRequestInfo } from "./server-info.ts";

/**
 * What all interceptors have (CORBA 3.3 Part 1, 16.3.1). An interceptor has the points it needs; one that it does not
 * have is passed as if it did nothing. Points are synchronous, as OMG has them: one that returns a promise raises
 * NO_IMPLEMENT.
 */
export interface Interceptor {
  /** Unlike the names of all others of its kind; any number may have the empty one. */
  readonly name: string;
  /** The ORB was destroyed. */
  destroy?(): void;
}

/** Looks at the calls of an ORB (CORBA 3.3 Part 1, 16.3.5). Any point may throw system exceptions. */
export interface ClientRequestInterceptor extends Interceptor {
  /** An attempt to make the call begins. @throws ForwardRequest to have it made elsewhere */
  send_request?(ri: ClientRequestInfo): void;
  /** The program asks for the reply of a deferred call. */
  send_poll?(ri: ClientRequestInfo): void;
  receive_reply?(ri: ClientRequestInfo): void;
  /** @throws ForwardRequest to have the call made again elsewhere */
  receive_exception?(ri: ClientRequestInfo): void;
  /** Neither: a forward, another attempt, or a oneway call that has left. @throws ForwardRequest */
  receive_other?(ri: ClientRequestInfo): void;
}

/** Looks at the requests to an ORB (CORBA 3.3 Part 1, 16.3.8). Any point may throw system exceptions. */
export interface ServerRequestInterceptor extends Interceptor {
  /**
   * Not of the standard: whether it has no business with requests of a connection now. Where all interceptors of the ORB
   * say so, none of them is called, and the request costs what it costs without them.
   */
  passes?(connectionId: string): boolean;
  /**
   * Not of the standard: what the answer of such a request carries for it nevertheless, asked when that leaves; undefined:
   * nothing. Less than `send_reply` can do, at a small part of its cost.
   */
  tells?(connectionId: string): (() => IOP.ServiceContext | undefined) | undefined;
  /** The POA is found, nothing else. @throws ForwardRequest to send the client elsewhere */
  receive_request_service_contexts?(ri: ServerRequestInfo): void;
  /** The servant is found, and about to be called. @throws ForwardRequest to send the client elsewhere */
  receive_request?(ri: ServerRequestInfo): void;
  send_reply?(ri: ServerRequestInfo): void;
  /** @throws ForwardRequest to send the client elsewhere instead */
  send_exception?(ri: ServerRequestInfo): void;
  /** Neither: a forward, or nobody waits for an answer. @throws ForwardRequest */
  send_other?(ri: ServerRequestInfo): void;
}

/** Has a say in what references are like (CORBA 3.3 Part 1, 16.5), the additions of 3.0 included. */
export interface IORInterceptor extends Interceptor {
  /** A POA is being made. What it throws is ignored. */
  establish_components?(info: IORInfo): void;
  /** All components are there. What it throws is OBJ_ADAPTER 6 of `create_POA`. */
  components_established?(info: IORInfo): void;
  adapter_manager_state_changed?(
    id: PortableInterceptor.AdapterManagerId,
    state: PortableInterceptor.AdapterState,
  ): void;
  adapter_state_changed?(
    templates: readonly PortableInterceptor.ObjectReferenceTemplate[],
    state: PortableInterceptor.AdapterState,
  ): void;
}

/** An ORB in the making, as initializers see it (CORBA 3.3 Part 1, 16.7.2); OBJECT_NOT_EXIST when it is made. */
export interface ORBInitInfo {
  readonly arguments: readonly string[];
  readonly orb_id: string;
  readonly codec_factory: CodecFactory;
  /** @throws InvalidName for an empty or known name, BAD_PARAM 27 for nil */
  register_initial_reference(id: string, obj: ObjectReference): void;
  /** In `post_init` only. @throws InvalidName */
  resolve_initial_references(id: string): Promise<ObjectReference>;
  /** @throws DuplicateName */
  add_client_request_interceptor(interceptor: ClientRequestInterceptor): void;
  /** @throws DuplicateName */
  add_server_request_interceptor(interceptor: ServerRequestInterceptor): void;
  /** @throws DuplicateName */
  add_ior_interceptor(interceptor: IORInterceptor): void;
  /** @throws DuplicateName; PolicyError for a policy other than one of processing mode */
  add_client_request_interceptor_with_policy(
    interceptor: ClientRequestInterceptor,
    policies: readonly Policy[],
  ): void;
  /** @throws DuplicateName; PolicyError for a policy other than one of processing mode */
  add_server_request_interceptor_with_policy(
    interceptor: ServerRequestInterceptor,
    policies: readonly Policy[],
  ): void;
  /** @throws DuplicateName; PolicyError for any policy: none says anything of these */
  add_ior_interceptor_with_policy(interceptor: IORInterceptor, policies: readonly Policy[]): void;
  /** A slot of `PICurrent` and of each request; there until the ORB is gone. */
  allocate_slot_id(): PortableInterceptor.SlotId;
  /** @throws BAD_INV_ORDER 16 for a type that has one */
  register_policy_factory(type: CORBA.PolicyType, policy_factory: PolicyFactory): void;
}

/** Called while an ORB is made. */
export interface ORBInitializer {
  pre_init?(info: ORBInitInfo): void;
  /** Initial references may be resolved here, so it may wait for them. */
  post_init?(info: ORBInitInfo): void | Promise<void>;
}
