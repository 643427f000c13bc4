import type { ProbeAnswer, ProbeLimits, ProbeQuestion } from "../../orb/index.ts";
import { type Finding, finding } from "./finding.ts";
import { hostPort } from "./host.ts";
import type { Network } from "./network.ts";
import type { ProbeTarget } from "./targets.ts";

/** No server has an object of this key. */
const STRANGE_KEY: Uint8Array = new TextEncoder().encode("orbweaver-probe/no-such-object");
const MINORS = [2, 1, 0] as const;
/** What the records begin with that a TLS server sends first: an alert, a handshake; then version 3. */
const TLS_RECORDS: ReadonlySet<number> = new Set([0x15, 0x16]);

/** What came of talking to one address. */
export type Talk =
  /** `code` of the system; ETIMEDOUT when it neither connected nor refused in time. */
  | { readonly isConnected: false; readonly code: string; readonly text: string }
  | { readonly isConnected: true; readonly finding: Finding; readonly forwardedTo?: string };

/** An answer with which a GIOP server shows that it read the question. */
function isUnderstood({ kind }: ProbeAnswer): boolean {
  return kind === "located" || kind === "raised" || kind === "forwarded" || kind === "returned";
}

function isTls(octets: Uint8Array): boolean {
  return TLS_RECORDS.has(octets[0] ?? 0) && octets[1] === 3;
}

/** Where a conversation is held. */
export interface Place {
  /** As people read it. */
  readonly text: string;
  readonly host: string;
  readonly port: number;
  /** A UNIX-domain socket of this machine. */
  readonly path?: string;
  /** A WebSocket that is entered to get there. */
  readonly url?: string;
}

/** Where the HTTP servers of ORBs of ours have their entrance, unless told otherwise. */
const USUAL_ENTRANCE = "/giop";

/** Asks one address until it is clear what is wrong with it, if anything is. */
export class Conversation {
  readonly #target: ProbeTarget;
  readonly #place: Place;
  readonly #network: Network;
  readonly #limits: ProbeLimits;
  readonly #step: (line: string) => void;

  /** @param step told what happens, line by line */
  constructor(
    target: ProbeTarget,
    place: Place,
    network: Network,
    limits: ProbeLimits,
    step: (line: string) => void,
  ) {
    this.#target = target;
    this.#place = place;
    this.#network = network;
    this.#limits = limits;
    this.#step = step;
  }

  get #at(): string {
    return this.#place.text;
  }

  #ask(
    ask: ProbeQuestion["ask"],
    other: { readonly minor?: 0 | 1 | 2; readonly objectKey?: Uint8Array } = {},
  ): Promise<ProbeAnswer> {
    const { minor, objectKey } = this.#target;
    const { host, port, path, url } = this.#place;
    const where = path === undefined ? { host, port } : { host, port, path };
    const question = { minor, objectKey, ...where, ask, ...other };
    return this.#network.ask(question, this.#limits, url);
  }

  async run(): Promise<Talk> {
    const answer = await this.#ask({ by: "locate" });
    switch (answer.kind) {
      case "notConnected":
        this.#step(`${this.#at}: ${answer.code === "unknown" ? answer.text : answer.code}`);
        return { isConnected: false, code: answer.code, text: answer.text };
      case "connectTimeout":
        this.#step(`${this.#at}: no connection within ${this.#limits.connectMs} ms`);
        return { isConnected: false, code: "ETIMEDOUT", text: "no answer in time" };
      case "silent":
        this.#step(`${this.#at}: connected; no answer within ${this.#limits.answerMs} ms`);
        return this.#found(await this.#silent());
      case "messageError":
      case "closed":
      case "closeConnection":
      case "otherProtocol":
        this.#step(`${this.#at}: connected; ${answer.kind}`);
        return await this.#misunderstood(answer);
      case "located":
        this.#step(
          `${this.#at}: connected; the server ${answer.isHere ? "has" : "has not"} the object`,
        );
        return answer.isHere ? await this.#located() : this.#found(this.#gone());
      case "returned":
      case "raised":
      case "forwarded":
        return this.#judged(answer);
    }
  }

  #found(found: Finding): Talk {
    return { isConnected: true, finding: found };
  }

  #gone(): Finding {
    return finding("objectGone", `The server at ${this.#at} answers and does not know the object.`);
  }

  /** A LocateRequest says less than a call: some servers answer it for objects that they cannot serve. */
  async #located(): Promise<Talk> {
    const { typeId } = this.#target;
    const answer = await this.#ask(
      typeId === "" ? { by: "_non_existent" } : { by: "_is_a", repositoryId: typeId },
    );
    if (answer.kind !== "silent") return this.#judged(answer);
    this.#step(`${this.#at}: a call was not answered within ${this.#limits.answerMs} ms`);
    return this.#found(this.#holding("takes calls to the object but does not answer them"));
  }

  #holding(what: string): Finding {
    return finding(
      "holding",
      `The server at ${this.#at} runs and ${what}: its POA manager is HOLDING, or a servant blocks it.`,
    );
  }

  /** What an answer to a call says. */
  #judged(answer: ProbeAnswer): Talk {
    if (answer.kind === "returned") return this.#found(this.#returned(answer.value));
    if (answer.kind === "raised") return this.#found(this.#raised(answer));
    if (answer.kind === "forwarded") {
      this.#step(`${this.#at}: the server sends clients on to another reference`);
      const what = `The server at ${this.#at} sends clients on.`;
      return { isConnected: true, finding: finding("forwarded", what), forwardedTo: answer.to };
    }
    const what = `The server at ${this.#at} ended the call: ${answer.kind}.`;
    return this.#found(finding("closedUnanswered", what));
  }

  #returned(value: boolean): Finding {
    const { typeId } = this.#target;
    if (typeId === "" ? !value : value) {
      return finding("reached", `The object answers at ${this.#at}.`);
    }
    if (typeId === "") return this.#gone();
    return finding("wrongType", `The object at ${this.#at} says that it is no ${typeId}.`);
  }

  #raised({ exception }: Extract<ProbeAnswer, { kind: "raised" }>): Finding {
    switch (exception.name) {
      case "OBJECT_NOT_EXIST":
        return this.#gone();
      case "TRANSIENT":
        return this.#holding(`refuses calls for now (${exception.message})`);
      default:
        return finding("raised", `The server at ${this.#at} answers with ${exception.message}.`);
    }
  }

  /** Connected, but a LocateRequest goes unanswered: does the server answer anything? */
  async #silent(): Promise<Finding> {
    const answer = await this.#ask({ by: "locate" }, { objectKey: STRANGE_KEY });
    if (isUnderstood(answer)) {
      this.#step(`${this.#at}: the server answers for other objects`);
      return this.#holding("does not answer for the object");
    }
    return finding(
      "noAnswer",
      `A program at ${this.#at} accepts the connection and then says nothing at all.`,
    );
  }

  /** Connected, and the other side did not take the question for one: is it the version? */
  async #misunderstood(first: ProbeAnswer): Promise<Talk> {
    if (first.kind !== "otherProtocol") return this.#found(await this.#refused(first));
    const isWeb = Buffer.from(first.octets.subarray(0, 5)).toString("latin1") === "HTTP/";
    if (isWeb && this.#place.path === undefined) return await this.#web();
    return this.#found(this.#otherProtocol(first.octets));
  }

  /** An HTTP server: does it let clients in to an ORB? */
  async #web(): Promise<Talk> {
    const { host, port } = this.#place;
    const url = `ws://${hostPort(host, port)}${USUAL_ENTRANCE}`;
    const inside = new Conversation(
      this.#target,
      { host, port, url, text: url },
      this.#network,
      this.#limits,
      this.#step,
    );
    const talk = await inside.run();
    if (!talk.isConnected) {
      const what = `A web server is at ${this.#at}, and it lets no client in to GIOP over WebSocket at ${url} (${talk.text}).`;
      return this.#found(finding("notGiop", what));
    }
    if (talk.finding.code !== "reached") return talk;
    const what = `The object answers over WebSocket only, at ${url}: clients that take the port ${this.#at} for plain TCP do not reach it.`;
    return this.#found(finding("webSocketOnly", what));
  }

  async #refused(first: ProbeAnswer): Promise<Finding> {
    const { minor } = this.#target;
    for (const other of MINORS.filter((candidate) => candidate !== minor)) {
      const answer = await this.#ask({ by: "locate" }, { minor: other });
      if (!isUnderstood(answer)) continue;
      this.#step(`${this.#at}: GIOP 1.${other} is answered`);
      return finding(
        "wrongVersion",
        `The reference says IIOP 1.${minor}, but the server at ${this.#at} refuses GIOP 1.${minor} and speaks 1.${other}.`,
      );
    }
    if (first.kind === "messageError") {
      return finding("wrongVersion", `The server at ${this.#at} refuses GIOP 1.0, 1.1 and 1.2.`);
    }
    const hello = await this.#ask({ by: "tlsHello" });
    if (hello.kind === "otherProtocol" && isTls(hello.octets)) return this.#tls();
    return finding(
      "closedUnanswered",
      `A program at ${this.#at} accepts the connection and closes it without an answer.`,
    );
  }

  #tls(): Finding {
    return finding("tlsOnly", `The port ${this.#at} speaks TLS, and the reference calls it plain.`);
  }

  #otherProtocol(octets: Uint8Array): Finding {
    if (isTls(octets)) return this.#tls();
    const text = Buffer.from(octets.subarray(0, 24))
      .toString("latin1")
      .replaceAll(/[^ -~]/g, ".");
    return finding("notGiop", `A program at ${this.#at} speaks another protocol: "${text}".`);
  }
}
