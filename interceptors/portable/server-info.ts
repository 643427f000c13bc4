import type { CORBA, Dynamic, IOP, PortableInterceptor } from "../../idl/index.ts";
import type { HookedRequest, HookedUpcall, ServerEnd } from "../../orb/hook/index.ts";
import type { Any, ObjectReference, Policy } from "../../orb/index.ts";
import { contextOf, withContext } from "./contexts.ts";
import { anyOfSystem, anyOfUser } from "./exceptions.ts";
import { type Kit, referenceTo, STATUS } from "./kit.ts";
import {
  argumentsOf,
  type CallValues,
  operationContextOf,
  resultOf,
  typesOf,
  unknownValues,
} from "./parameters.ts";
import type { SlotTable } from "./slots.ts";
import { checkPoint, SERVER_POINTS, SERVER_VALIDITY } from "./validity.ts";

type Contexts = readonly { readonly id: number; readonly data: Uint8Array }[];

const NONE: Contexts = [];

/**
 * PortableInterceptor::ServerRequestInfo: a request as its interceptors see it, the same object in all points (CORBA
 * 3.3 Part 1, 16.3.15). Everything raises BAD_INV_ORDER 14 where the point does not know it.
 */
export class ServerRequestInfo implements PortableInterceptor.ServerRequestInfo {
  readonly #kit: Kit;
  readonly #request: HookedRequest;
  #upcall: HookedUpcall | undefined;
  #end: ServerEnd | undefined;
  /** Internal: the request's slots, which are the servant's, too. */
  readonly _slots: SlotTable = [];
  /** Internal: index of the point that runs. */
  _at = -1;
  /** Internal: to be sent with the answer. */
  _contexts: Contexts = NONE;

  /** Internal: made for each request. */
  constructor(kit: Kit, request: HookedRequest) {
    this.#kit = kit;
    this.#request = request;
  }

  /** Internal: the servant is found. */
  _calls(upcall: HookedUpcall): void {
    this.#upcall = upcall;
  }

  /** Internal: how the request ends, as far as it is known. */
  _ends(end: ServerEnd): void {
    this.#end = end;
  }

  /** Internal: tells the caller's connection from every other. */
  get _connectionId(): string {
    return this.#request.connectionId;
  }

  /** Internal: whose client sent it, as far as its habits tell. */
  get _client(): HookedRequest["client"] {
    return this.#request.client;
  }

  /** Internal: minor version of GIOP. */
  get _giopMinor(): HookedRequest["giopMinor"] {
    return this.#request.giopMinor;
  }

  /** Internal: the object where other ORBs have it, under the key that the client used. */
  _elsewhere(places: Parameters<Kit["orb"]["iorAt"]>[1]): ObjectReference {
    const { objectKey } = this.#request;
    return referenceTo(this.#kit, this.#kit.orb.iorAt("", places, objectKey.slice()));
  }

  /** As the client numbered it on its connection. */
  get request_id(): number {
    this.#check("request_id");
    return this.#request.requestId;
  }

  get operation(): string {
    this.#check("operation");
    return this.#request.operation;
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get arguments(): Dynamic.ParameterList {
    this.#check("arguments");
    return argumentsOf(this.#values, this.#isAnswered ? this.#results : undefined);
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get exceptions(): Dynamic.ExceptionList {
    this.#check("exceptions");
    return typesOf(this.#values).exceptions ?? [];
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get contexts(): Dynamic.ContextList {
    this.#check("contexts");
    return typesOf(this.#values).contexts ?? [];
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get operation_context(): Dynamic.RequestContext {
    this.#check("operation_context");
    return operationContextOf(this.#values);
  }

  /** @throws NO_RESOURCES 1 where the types of the operation are not known */
  get result(): Any {
    this.#check("result");
    return resultOf(this.#values, this.#results);
  }

  get response_expected(): boolean {
    this.#check("response_expected");
    return this.#request.isReplyExpected;
  }

  /** Of meaning for a oneway call. */
  get sync_scope(): number {
    this.#check("sync_scope");
    return this.#request.syncScope;
  }

  /** How the client names the object: by its key, a profile, or the reference it has. Not of the standard. */
  get target_named_by(): "key" | "profile" | "reference" {
    return this.#request.target.by;
  }

  get reply_status(): PortableInterceptor.ReplyStatus {
    this.#check("reply_status");
    const kind = this.#end?.kind;
    if (kind === "systemException") return STATUS.systemException;
    if (kind === "userException") return STATUS.userException;
    if (kind === "readdress") return STATUS.transportRetry;
    return kind === "forward" ? STATUS.locationForward : STATUS.successful;
  }

  /** Where the client is sent. Only where `reply_status` is LOCATION_FORWARD. */
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

  #forward(what: string): Extract<ServerEnd, { kind: "forward" }> {
    const end = this.#end;
    const isKnown = end?.kind === "forward";
    checkPoint(what, isKnown ? SERVER_VALIDITY.forward_reference : "", this._at, SERVER_POINTS);
    return end as Extract<ServerEnd, { kind: "forward" }>;
  }

  /** What an interceptor or the servant set. @throws InvalidSlot */
  get_slot(id: PortableInterceptor.SlotId): Any {
    this.#check("get_slot");
    return this.#kit.current._get(this._slots, id);
  }

  /** For the other points, and for the servant, which sees it in PICurrent. @throws InvalidSlot */
  set_slot(id: PortableInterceptor.SlotId, data: Any): void {
    this.#check("set_slot");
    this.#kit.current._check(id);
    this._slots[id] = data;
  }

  /** @throws BAD_PARAM 26 where there is none of the id */
  get_request_service_context(id: IOP.ServiceId): IOP.ServiceContext {
    this.#check("get_request_service_context");
    return contextOf(this.#request.contexts, id);
  }

  /** What was added so far. @throws BAD_PARAM 26 where there is none of the id */
  get_reply_service_context(id: IOP.ServiceId): IOP.ServiceContext {
    this.#check("get_reply_service_context");
    return contextOf(this._contexts, id);
  }

  /** Its value is the exception itself. */
  get sending_exception(): Any {
    this.#check("sending_exception");
    const end = this.#end;
    if (end?.kind === "userException") {
      return anyOfUser(end.exception, end.id, this.#upcall?.types);
    }
    return anyOfSystem((end as Extract<ServerEnd, { kind: "systemException" }>).exception);
  }

  get server_id(): PortableInterceptor.ServerId {
    this.#check("server_id");
    return this.#kit.serverId;
  }

  get orb_id(): PortableInterceptor.ORBId {
    this.#check("orb_id");
    return this.#kit.orb.id;
  }

  /** `RootPOA` and the names below it. */
  get adapter_name(): PortableInterceptor.AdapterName {
    this.#check("adapter_name");
    return ["RootPOA", ...this.#request.adapter.path];
  }

  get object_id(): PortableInterceptor.ObjectId {
    this.#check("object_id");
    return this.#request.objectId.slice();
  }

  /** Octets that tell the POA from the others of the ORB. */
  get adapter_id(): CORBA.OctetSeq {
    this.#check("adapter_id");
    return this.#request.adapter.id.slice();
  }

  get target_most_derived_interface(): CORBA.RepositoryId {
    this.#check("target_most_derived_interface");
    return this.#servant.mostDerivedInterface();
  }

  /** null where the POA was given none. @throws INV_POLICY 2 for a type that nobody knows */
  get_server_policy(type: CORBA.PolicyType): Policy | null {
    this.#check("get_server_policy");
    const policy = this.#request.adapter.policy(type);
    if (policy === undefined) this.#kit.policies.checkKnown(type);
    return policy ?? null;
  }

  /** @throws NO_RESOURCES 1 where the servant answers later */
  target_is_a(id: CORBA.RepositoryId): boolean {
    this.#check("target_is_a");
    const answer = this.#servant.isA(id);
    if (typeof answer === "boolean") return answer;
    answer.catch(() => undefined);
    throw unknownValues("the interfaces of a servant whose _is_a answers with a promise");
  }

  /** @throws BAD_INV_ORDER 15 for an id that is there, unless it is to be replaced */
  add_reply_service_context(service_context: IOP.ServiceContext, replace: boolean): void {
    this.#check("add_reply_service_context");
    this._contexts = withContext(this._contexts, service_context, replace);
  }

  #check(what: keyof typeof SERVER_VALIDITY): void {
    checkPoint(what, SERVER_VALIDITY[what], this._at, SERVER_POINTS);
  }

  get #isAnswered(): boolean {
    return this.#end !== undefined;
  }

  get #servant(): HookedUpcall {
    if (this.#upcall !== undefined) return this.#upcall;
    throw unknownValues("the servant");
  }

  /** @throws NO_RESOURCES 1 where the servant was never called */
  get #values(): CallValues {
    const { args, types } = this.#upcall ?? {};
    if (args === undefined) throw unknownValues(`the values of ${this.#request.operation}`);
    return { operation: this.#request.operation, types, args };
  }

  /** @throws NO_RESOURCES 1 where the results were written elsewhere */
  get #results(): { readonly value: unknown } {
    const results = this.#end?.kind === "result" ? this.#end.results : undefined;
    if (results === undefined) throw unknownValues(`the results of ${this.#request.operation}`);
    return results;
  }
}
