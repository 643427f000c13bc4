import type { Clock, Logger } from "../base/index.ts";
import type { CdrContext } from "../cdr/index.ts";
import type { GiopMessage, ServiceContext } from "../giop/index.ts";
import type { Channel, Transport } from "../transport/index.ts";
import type { OutputPool } from "./output-pool.ts";
import type { ConnectionSettings } from "./settings.ts";

/** The half of a bidirectional connection that sends the other kind of messages than its owner. */
export interface OtherHalf {
  receive(message: GiopMessage): void;
  drained(): void;
  /** The connection is gone. */
  closed(): void;
}

/** An accepted connection over which calls may be sent. */
export interface Lender {
  readonly isOpen: boolean;
  readonly channel: Channel;
  /** Names the half that takes what answers those calls. */
  attach(calling: OtherHalf): void;
}

/** What connections need to be used in both directions (CORBA 3.3 Part 2, 9.8). */
export interface BidirectionalPort {
  /** Grows whenever there is more to offer; 0 when nothing is offered. */
  readonly revision: number;
  readonly isAccepting: boolean;
  /** What requests tell of where this ORB listens; undefined when nothing is offered. */
  offer(): ServiceContext | undefined;
  /** For a connection this ORB opened: takes the requests that come over it. */
  serve(channel: Channel, env: IiopEnvironment): OtherHalf;
  /** For an accepted connection: calls to these places may go over it. @returns their names, for `forget` */
  accept(data: Uint8Array, lender: Lender): readonly string[];
  forget(names: Iterable<string>, lender: Lender): void;
}

/** For connections that are used one way whatever their peer offers. */
export function oneWay(port: BidirectionalPort): BidirectionalPort {
  return {
    revision: 0,
    isAccepting: false,
    offer: () => undefined,
    serve: (channel, env) => port.serve(channel, env),
    accept: () => [],
    forget: () => undefined,
  };
}

/** What all connections of one ORB share. */
export interface IiopEnvironment {
  readonly transport: Transport;
  readonly settings: ConnectionSettings;
  readonly context: CdrContext;
  readonly clock: Clock;
  readonly log: Logger;
  readonly outputs: OutputPool;
  readonly bidirectional: BidirectionalPort;
}
