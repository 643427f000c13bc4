import type { CORBA, Dynamic, IOP, PortableInterceptor } from "../../idl/index.ts";
import type { CallPlace, ClientEnd, HookedCall } from "../../orb/hook/index.ts";
import {
  type Any,
  BAD_PARAM,
  Completion,
  INV_POLICY,
  MINOR,
  type ObjectReference,
  type Policy,
  SystemException,
} from "../../orb/index.ts";
import { contextOf, withContext } from "./contexts.ts";
import { anyOfSystem, anyOfUser, systemExceptionOf } from "./exceptions.ts";
import { type Kit, profileOf, referenceTo, STATUS } from "./kit.ts";
import { argumentsOf, operationContextOf, resultOf, typesOf } from "./parameters.ts";
import type { SlotTable } from "./slots.ts";
import { checkPoint, CLIENT_POINTS, CLIENT_VALIDITY } from "./validity.ts";

type Contexts = readonly { readonly id: number; readonly data: Uint8Array }[];

const NONE: Contexts = [];

/**
 * PortableInterceptor::ClientRequestInfo: a call as its interceptors see it, the same object in all points and attempts
 * (CORBA 3.3 Part 1, 16.3.14). Everything raises BAD_INV_ORDER 14 where the point does not know it.
 */
export class ClientRequestInfo implements PortableInterceptor.ClientRequestInfo {
  readonly #kit: Kit;
  readonly #call: HookedCall;
  readonly #slots: SlotTable | undefined;
  readonly #requestId: number;
  #place: CallPlace | undefined;
  #end: ClientEnd | undefined;
  #replied: Contexts = NONE;
  /** Internal: index of the point that runs. */
  _at = -1;
  /** Internal: to be sent with the request. */
  _contexts: Contexts = NONE;

  /** Internal: made for each call. */
  constructor(kit: Kit, call: HookedCall, requestId: number, slots: SlotTable | undefined) {
    this.#kit = kit;
    this.#call = call;
    this.#requestId = requestId;
    this.#slots = slots;
  }

  /** Internal: an attempt begins. */
  _begin(place: CallPlace): void {
    this.#place = place;
    this.#end = undefined;
    this.#replied = NONE;
    this._contexts = NONE;
  }

  /** Internal: a reply is there. */
  _reply(contexts: Contexts): void {
    this.#replied = contexts;
  }

  /** Internal: how the attempt ends, as far as it is known. */
  _ends(end: ClientEnd): void {
    this.#end = end;
  }

  /** Unlike those of all other calls in work; the same in all attempts. */
  get request_id(): number {
    this.#check("request_id");
    return this.#requestId;
  }

  get operation(): string {
    this.#check("operation");
    return this.#call.operation;
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get arguments(): Dynamic.ParameterList {
    this.#check("arguments");
    return argumentsOf(this.#call, this.#results);
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get exceptions(): Dynamic.ExceptionList {
    this.#check("exceptions");
    return typesOf(this.#call).exceptions ?? [];
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get contexts(): Dynamic.ContextList {
    this.#check("contexts");
    return typesOf(this.#call).contexts ?? [];
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get operation_context(): Dynamic.RequestContext {
    this.#check("operation_context");
    return operationContextOf(this.#call);
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get result(): Any {
    this.#check("result");
    return resultOf(this.#call, this.#results ?? { value: undefined });
  }

  get response_expected(): boolean {
    this.#check("response_expected");
    return !this.#call.isOneway;
  }

  /** Of meaning for a oneway call. */
  get sync_scope(): number {
    this.#check("sync_scope");
    return this.#call.syncScope;
  }

  get reply_status(): PortableInterceptor.ReplyStatus {
    this.#check("reply_status");
    const end = this.#end;
    if (end?.kind === "exception") {
      return end.userId === undefined ? STATUS.systemException : STATUS.userException;
    }
    if (end?.kind === "forward") return STATUS.locationForward;
    return end?.kind === "retry" ? STATUS.transportRetry : STATUS.successful;
  }

  /** Where the call goes instead. Only where `reply_status` is LOCATION_FORWARD. */
  get forward_reference(): ObjectReference {
    return referenceTo(this.#kit, this.#forward("forward_reference").to);
  }

  /**
   * Whether it is for good (LOCATION_FORWARD_PERM); where `forward_reference` is known. Not of the standard, to which both are
   * LOCATION_FORWARD.
   */
  get forward_is_permanent(): boolean {
    return this.#forward("forward_is_permanent").permanent;
  }

  #forward(what: string): Extract<ClientEnd, { kind: "forward" }> {
    const end = this.#end;
    const isKnown = end?.kind === "forward";
    checkPoint(what, isKnown ? CLIENT_VALIDITY.forward_reference : "", this._at, CLIENT_POINTS);
    return end as Extract<ClientEnd, { kind: "forward" }>;
  }

  /** What the slot held where the call was made. @throws InvalidSlot */
  get_slot(id: PortableInterceptor.SlotId): Any {
    this.#check("get_slot");
    return this.#kit.current._get(this.#slots ?? [], id);
  }

  /** @throws BAD_PARAM 26 where there is none of the id */
  get_request_service_context(id: IOP.ServiceId): IOP.ServiceContext {
    this.#check("get_request_service_context");
    return contextOf(this._contexts, id);
  }

  /** @throws BAD_PARAM 26 where there is none of the id */
  get_reply_service_context(id: IOP.ServiceId): IOP.ServiceContext {
    this.#check("get_reply_service_context");
    return contextOf(this.#replied, id);
  }

  /** The object that the program called. */
  get target(): ObjectReference {
    this.#check("target");
    return this.#call.target() as ObjectReference;
  }

  /** The object that the call goes to, after forwards. */
  get effective_target(): ObjectReference {
    this.#check("effective_target");
    return referenceTo(this.#kit, this.#at.ior);
  }

  get effective_profile(): IOP.TaggedProfile {
    this.#check("effective_profile");
    return profileOf(this.#profile);
  }

  /** Its value is the exception itself. */
  get received_exception(): Any {
    this.#check("received_exception");
    const { error, userId } = this.#exception;
    if (userId !== undefined) return anyOfUser(error, userId, this.#call.types);
    // As it is: its completion status is the very thing that decides whether a call may be made again.
    if (error instanceof SystemException) return anyOfSystem(error);
    return anyOfSystem(systemExceptionOf(error, Completion.no));
  }

  /** Internal: what the call would raise, where `received_exception` is known. */
  get _raised(): unknown {
    return this.#exception.error;
  }

  get received_exception_id(): CORBA.RepositoryId {
    this.#check("received_exception_id");
    const { error, userId } = this.#exception;
    return userId ?? systemExceptionOf(error, Completion.no).repositoryId;
  }

  /** The first of the id in the effective profile. @throws BAD_PARAM 28 where there is none */
  get_effective_component(id: IOP.ComponentId): IOP.TaggedComponent {
    this.#check("get_effective_component");
    return this.#components(id)[0] as IOP.TaggedComponent;
  }

  /** All of the id in the effective profile. @throws BAD_PARAM 28 where there is none */
  get_effective_components(id: IOP.ComponentId): IOP.TaggedComponentSeq {
    this.#check("get_effective_components");
    return this.#components(id);
  }

  /** null where none of the type is in force. @throws INV_POLICY 2 for a type that is none of calls */
  get_request_policy(type: CORBA.PolicyType): Policy | null {
    this.#check("get_request_policy");
    try {
      return this.#call.policy(type) ?? null;
    } catch (error) {
      // The ORB knows its own types, and others as far as they are overridden.
      if (error instanceof INV_POLICY && this.#kit.policies.has(type)) return null;
      throw error;
    }
  }

  /** @throws BAD_INV_ORDER 15 for an id that is there, unless it is to be replaced */
  add_request_service_context(service_context: IOP.ServiceContext, replace: boolean): void {
    this.#check("add_request_service_context");
    this._contexts = withContext(this._contexts, service_context, replace);
  }

  #check(what: keyof typeof CLIENT_VALIDITY): void {
    checkPoint(what, CLIENT_VALIDITY[what], this._at, CLIENT_POINTS);
  }

  get #at(): CallPlace {
    return this.#place as CallPlace;
  }

  get #profile(): { readonly tag: number; readonly data: Uint8Array } {
    const { ior, profileIndex } = this.#at;
    return ior.profiles[profileIndex] as CallPlace["ior"]["profiles"][number];
  }

  get #results(): { readonly value: unknown } | undefined {
    return this.#end?.kind === "result" ? this.#end : undefined;
  }

  get #exception(): Extract<ClientEnd, { kind: "exception" }> {
    return this.#end as Extract<ClientEnd, { kind: "exception" }>;
  }

  #components(id: IOP.ComponentId): IOP.TaggedComponentSeq {
    const found = this.#kit.orb.componentsOf(this.#profile).filter(({ tag }) => tag === id);
    if (found.length > 0) {
      return found.map(({ tag, data }) => ({ tag, component_data: data.slice() }));
    }
    const text = `the profile has no component ${id}`;
    throw new BAD_PARAM(text, MINOR.invalidComponentId, Completion.no);
  }
}
