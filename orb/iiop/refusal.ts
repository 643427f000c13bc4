import { type Timer, TRACE, traceConnection } from "../base/index.ts";
import { Completion, MINOR, TRANSIENT } from "../exception/index.ts";
import type { Channel } from "../transport/index.ts";
import { type IiopEnvironment, oneWay } from "./environment.ts";
import { ServerConnection } from "./server-connection.ts";
import { ENTRANCE, type RequestHandler } from "./server-request.ts";

/** Refused connections that are open at once; more are reset unread. */
const MAX_OPEN = 100;
/** Milliseconds a refused client is given to send its first request. */
const PATIENCE_MS = 1_000;
const MAX_MESSAGE_OCTETS = 65_536;

/**
 * Sends clients away when there are too many. Their first request is answered with TRANSIENT, then comes
 * CloseConnection. Without that answer an omniORB client (4.2.5) connects again at once and without end.
 */
export class Refusal {
  readonly #env: IiopEnvironment;
  readonly #open = new Set<ServerConnection>();

  constructor(env: IiopEnvironment) {
    const settings = { ...env.settings, maxMessageOctets: MAX_MESSAGE_OCTETS };
    this.#env = { ...env, settings, bidirectional: oneWay(env.bidirectional) };
  }

  take(channel: Channel): void {
    const { log, clock, settings, context: origin } = this.#env;
    const { maxConnections } = settings;
    traceConnection(TRACE.connectionRefuse, { origin, side: "server", peer: channel.peer });
    log.warn("a connection was refused: there are maxConnections already", {
      peer: channel.peer,
      maxConnections,
    });
    if (this.#open.size >= MAX_OPEN) {
      channel.start({ data: () => undefined, drained: () => undefined, closed: () => undefined });
      channel.reset();
      return;
    }
    let patience: Timer | undefined;
    const handler: RequestHandler = {
      dispatch: (request) => {
        request.systemException(
          new TRANSIENT(
            `this server serves ${maxConnections} connections already (maxConnections)`,
            MINOR.requestDiscarded,
            Completion.no,
          ),
        );
        connection.close(0);
      },
      // The request that follows is refused.
      locate: () => ({ at: "here" }),
      locateInTurn: (question) => question.found({ at: "here" }),
    };
    const connection = new ServerConnection(
      channel,
      this.#env,
      handler,
      channel.peer,
      ENTRANCE.main,
      () => patience?.cancel(),
    );
    this.#open.add(connection);
    void connection.gone.then(() => this.#open.delete(connection));
    patience = clock.timer(PATIENCE_MS, () => connection.close(0));
    patience.unref();
  }

  /** Closes those that are still there; settled when all are gone. */
  async close(): Promise<void> {
    for (const connection of this.#open) connection.close(0);
    await Promise.all([...this.#open].map(({ gone }) => gone));
  }
}
