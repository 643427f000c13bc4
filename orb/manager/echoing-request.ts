import type { SystemException } from "../exception/index.ts";
import type { ReplyStatus, ServiceContext, Target } from "../giop/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import type { Ior } from "../ior/index.ts";
import { PassedOnRequest, type Write } from "./passed-on-request.ts";

/** A request whose answer carries some contexts more, whatever it is: asked for when it leaves. */
export class EchoingRequest extends PassedOnRequest {
  readonly #more: () => readonly ServiceContext[];

  constructor(request: ServerRequest, more: () => readonly ServiceContext[]) {
    super(request);
    this.#more = more;
  }

  override result(write: Write, contexts?: readonly ServiceContext[]): void {
    super.result(write, this.#with(contexts));
  }

  override userException(id: string, write: Write, contexts?: readonly ServiceContext[]): void {
    super.userException(id, write, this.#with(contexts));
  }

  override systemException(exception: SystemException, contexts?: readonly ServiceContext[]): void {
    super.systemException(exception, this.#with(contexts));
  }

  override forward(to: Ior, permanent: boolean, contexts?: readonly ServiceContext[]): void {
    super.forward(to, permanent, this.#with(contexts));
  }

  override readdress(by: Target["by"], contexts?: readonly ServiceContext[]): void {
    super.readdress(by, this.#with(contexts));
  }

  override raw(status: ReplyStatus, body: Uint8Array, contexts: readonly ServiceContext[]): void {
    super.raw(status, body, this.#with(contexts));
  }

  #with(contexts: readonly ServiceContext[] = []): readonly ServiceContext[] {
    const more = this.#more();
    return contexts.length === 0 ? more : [...more, ...contexts];
  }
}
