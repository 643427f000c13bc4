import type { ExecutionContext } from "ava";
import {
  type ClientRequestInfo,
  type ClientRequestInterceptor,
  type IORInterceptor,
  type ORBInitInfo,
  portable,
  type ServerRequestInfo,
  type ServerRequestInterceptor,
} from "../../../interceptors/index.ts";
import {
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  type POA,
} from "../../../orb/index.ts";
import { Sample } from "../../support/sample.ts";

type ClientWatch = (point: string, ri: ClientRequestInfo) => void;
type ServerWatch = (point: string, ri: ServerRequestInfo) => void;

/** Tells of every point, under the interceptor's name. */
export function clientWatch(name: string, watch: ClientWatch): ClientRequestInterceptor {
  return {
    name,
    send_request: (ri) => watch("send_request", ri),
    send_poll: (ri) => watch("send_poll", ri),
    receive_reply: (ri) => watch("receive_reply", ri),
    receive_exception: (ri) => watch("receive_exception", ri),
    receive_other: (ri) => watch("receive_other", ri),
  };
}

export function serverWatch(name: string, watch: ServerWatch): ServerRequestInterceptor {
  return {
    name,
    receive_request_service_contexts: (ri) => watch("receive_request_service_contexts", ri),
    receive_request: (ri) => watch("receive_request", ri),
    send_reply: (ri) => watch("send_reply", ri),
    send_exception: (ri) => watch("send_exception", ri),
    send_other: (ri) => watch("send_other", ri),
  };
}

export interface Watched {
  readonly clients?: readonly ClientRequestInterceptor[];
  readonly servers?: readonly ServerRequestInterceptor[];
  readonly iors?: readonly IORInterceptor[];
  readonly pre?: (info: ORBInitInfo) => void;
  readonly post?: (info: ORBInitInfo) => void | Promise<void>;
  readonly args?: readonly string[];
}

/** An ORB with interceptors that is destroyed with the test. */
export async function watchedOrb(
  t: ExecutionContext,
  transport: MemoryTransport,
  { clients = [], servers = [], iors = [], pre, post, args = [] }: Watched = {},
): Promise<ORB> {
  const orb = await ORB_init(args, {
    transport,
    initializers: portable([
      {
        pre_init: (info) => {
          for (const each of clients) info.add_client_request_interceptor(each);
          for (const each of servers) info.add_server_request_interceptor(each);
          for (const each of iors) info.add_ior_interceptor(each);
          pre?.(info);
        },
        post_init: (info) => post?.(info),
      },
    ]),
  });
  t.teardown(() => orb.destroy());
  return orb;
}

export interface WatchedPair {
  readonly server: ORB;
  readonly client: ORB;
  readonly servant: Sample;
  readonly poa: POA;
  /** The servant's object as the client's ORB has it. */
  readonly far: ObjectReference;
  /** And as its own ORB has it. */
  readonly near: ObjectReference;
}

/** A client and a server, each with interceptors, and an object of `Sample`. */
export async function watchedPair(
  t: ExecutionContext,
  client: Watched = {},
  server: Watched = {},
): Promise<WatchedPair> {
  const transport = new MemoryTransport();
  const serving = await watchedOrb(t, transport, server);
  const calling = await watchedOrb(t, transport, client);
  const poa = await serving.rootPOA.createPoa("samples", { idAssignment: "USER_ID" });
  const servant = new Sample();
  const near = await poa.activate("one", servant);
  serving.rootPOA.the_POAManager.activate();
  const far = await across(calling, serving, near);
  return { server: serving, client: calling, servant, poa, far, near };
}

/** A reference as another ORB has it. */
export async function across(
  to: ORB,
  from: ORB,
  reference: ObjectReference,
): Promise<ObjectReference> {
  const there = await to.string_to_object(from.object_to_string(reference));
  if (there === null) throw new TypeError("nil");
  return there;
}
