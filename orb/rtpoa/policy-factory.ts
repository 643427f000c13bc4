import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";
import {
  type Policy,
  POLICY_KIND_BY_TYPE,
  PolicyError,
  type PriorityBand,
  type PriorityModel,
  type Protocol,
  RT_POLICY,
  type TcpProtocolProperties,
} from "../policy/index.ts";

/** The policies of RT-CORBA by the RTORB's operations (1.2, 5.3). */
export class RtPolicyFactory {
  create_priority_model_policy(priority_model: PriorityModel, server_priority: number): Policy {
    return policy(RT_POLICY.priorityModel, { priority_model, server_priority });
  }

  create_threadpool_policy(threadpool: number): Policy {
    return policy(RT_POLICY.threadpool, threadpool);
  }

  create_priority_banded_connection_policy(priority_bands: readonly PriorityBand[]): Policy {
    return policy(RT_POLICY.priorityBands, priority_bands);
  }

  create_server_protocol_policy(protocols: readonly Protocol[]): Policy {
    return policy(RT_POLICY.serverProtocol, protocols);
  }

  create_client_protocol_policy(protocols: readonly Protocol[]): Policy {
    return policy(RT_POLICY.clientProtocol, protocols);
  }

  create_private_connection_policy(): Policy {
    return policy(RT_POLICY.privateConnection, null);
  }

  create_tcp_protocol_properties(
    send_buffer_size: number,
    recv_buffer_size: number,
    keep_alive: boolean,
    dont_route: boolean,
    no_delay: boolean,
  ): TcpProtocolProperties {
    return { send_buffer_size, recv_buffer_size, keep_alive, dont_route, no_delay };
  }
}

/** @throws BAD_PARAM */
function policy(type: number, value: unknown): Policy {
  const kind = POLICY_KIND_BY_TYPE.get(type);
  try {
    if (kind !== undefined) return kind.create(value);
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause;
    throw new BAD_PARAM(cause.message, MINOR.none, Completion.no, { cause });
  }
  throw new RangeError(`policy type ${type} is not known`);
}
