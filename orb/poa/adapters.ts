import { asBuffer, equal } from "../base/index.ts";
import { Completion, MINOR, OBJECT_NOT_EXIST } from "../exception/index.ts";
import { HEARTBEAT_OPERATION } from "../outgoing/index.ts";
import type { DirectReceiver } from "../hook/index.ts";
import type { Question, RequestHandler, ServerRequest, Whereabouts } from "../iiop/index.ts";
import type { ObjectReference } from "../object/index.ts";
import type { AdapterHost } from "./adapter-host.ts";
import { pathOf, readKey } from "./object-key.ts";
import type { POA } from "./poa.ts";
import { noAdapter, type UnknownAdapters } from "./unknown-adapters.ts";

/** Finds the POA a request is for, and knows the plain keys of well-known objects. */
export class Adapters implements RequestHandler {
  readonly #host: AdapterHost<POA>;
  readonly #unknown: UnknownAdapters<POA>;
  readonly #root: () => POA;
  readonly #plain = new Map<string, ObjectReference>();
  /** Of those, the ones that clients may forget. */
  readonly #moved = new Set<string>();
  /** By plain key; never more than a few, so that octets are compared sooner than text is made of them. */
  readonly #receivers = new Map<
    string,
    { readonly key: Uint8Array; readonly receiver: DirectReceiver }
  >();

  /** @param root asked when requests come, and the ORB is complete */
  constructor(host: AdapterHost<POA>, unknown: UnknownAdapters<POA>, root: () => POA) {
    this.#host = host;
    this.#unknown = unknown;
    this.#root = root;
  }

  /**
   * Makes `key` another key of an object, as `corbaloc:…/key` has it: requests for an object of this ORB
   * go to it, those for an object elsewhere are forwarded. null takes the key away.
   * @param isPermanent the object went there for good: clients need not ask again
   */
  bindPlainKey(
    key: string | Uint8Array,
    reference: ObjectReference | null,
    isPermanent: boolean,
  ): void {
    const name = plainName(key);
    if (isPermanent && reference !== null) this.#moved.add(name);
    else this.#moved.delete(name);
    this.#receivers.delete(name);
    if (reference === null) this.#plain.delete(name);
    else this.#plain.set(name, reference);
  }

  /** Has oneway requests for a plain key go to `receiver` first, until the key is bound anew or taken away. */
  receive(key: string, receiver: DirectReceiver): void {
    this.#receivers.set(plainName(key), { key: Buffer.from(key, "utf8"), receiver });
  }

  /** The reference bound to a plain key. */
  plainKey(key: string | Uint8Array): ObjectReference | undefined {
    return this.#plain.get(plainName(key));
  }

  dispatch(request: ServerRequest): void {
    // Of the server's health, not the object's: answered here, whatever the key.
    if (request.operation === HEARTBEAT_OPERATION) {
      const tells = this.#host.hooks.server?.tells?.(request.connectionId);
      request.result(() => undefined, tells?.());
      return;
    }
    if (this.#receivers.size > 0 && this.#isReceived(request)) return;
    this.#dispatch(request, request.objectKey, true);
  }

  #isReceived(request: ServerRequest): boolean {
    if (request.answer !== "none") return false;
    for (const { key, receiver } of this.#receivers.values())
      if (equal(key, request.objectKey)) {
        if (!receiver(request)) return false;
        // Nobody is answered; those who trace requests hear of its end.
        request.result(() => undefined);
        return true;
      }
    return false;
  }

  #dispatch(request: ServerRequest, key: Uint8Array, mayBePlain: boolean): void {
    const place = readKey(key, this.#host.run);
    if (place.kind === "adapter") {
      const poa = this.#host.adapters.get(place.adapter);
      if (poa === undefined) this.#dispatchToUnknown(request, key, place.adapter, place.idAt);
      else poa._serve(request, key.subarray(place.idAt));
      return;
    }
    const reference =
      place.kind === "foreign" && mayBePlain
        ? this.#plain.get(asBuffer(key).toString("latin1"))
        : undefined;
    if (reference !== undefined) {
      const local = this.#host.localKeyOf(reference);
      if (local === undefined)
        request.forward(reference._core.ior, this.#moved.has(plainName(key)));
      else this.#dispatch(request, local, false);
      return;
    }
    request.systemException(
      new OBJECT_NOT_EXIST(
        place.kind === "otherRun"
          ? "the reference is of an earlier run of this server, and its object was transient"
          : "the object key is not known here",
        place.kind === "otherRun" ? MINOR.adapterInactive : MINOR.objectNotActive,
        Completion.no,
      ),
    );
  }

  #dispatchToUnknown(request: ServerRequest, key: Uint8Array, adapter: string, idAt: number): void {
    this.#unknown.serve(request, this.#root(), pathOf(adapter), () => {
      // What was made under this name may be of another lifespan, and then has other keys.
      const poa = this.#host.adapters.get(adapter);
      if (poa === undefined) request.systemException(noAdapter());
      else poa._serve(request, key.subarray(idAt));
    });
  }

  /** Asks no servant manager and no adapter activator: where one could make the object it is here. */
  locate(key: Uint8Array, entrance: number): Whereabouts {
    const place = readKey(key, this.#host.run);
    if (place.kind === "adapter") {
      const poa = this.#host.adapters.get(place.adapter);
      const isHere =
        poa === undefined
          ? this.#mayBeMade(pathOf(place.adapter))
          : poa._mayHave(key.subarray(place.idAt), entrance);
      return isHere ? { at: "here" } : { at: "unknown" };
    }
    const reference =
      place.kind === "foreign" ? this.#plain.get(asBuffer(key).toString("latin1")) : undefined;
    if (reference === undefined) return { at: "unknown" };
    const local = this.#host.localKeyOf(reference);
    if (local === undefined) {
      return { at: "forward", to: reference._core.ior, permanent: this.#moved.has(plainName(key)) };
    }
    return readKey(local, this.#host.run).kind === "adapter"
      ? this.locate(local, entrance)
      : { at: "unknown" };
  }

  locateInTurn(question: Question): void {
    const { objectKey, entrance } = question;
    const place = this.locate(objectKey, entrance);
    const poa = place.at === "here" ? this.#adapterOf(objectKey) : undefined;
    if (poa === undefined) question.found(place);
    // Meanwhile the object, and its POA, may have gone.
    else poa._ask(question, () => question.found(this.locate(objectKey, entrance)));
  }

  /** The POA that is there already, also behind a plain key. */
  #adapterOf(key: Uint8Array): POA | undefined {
    const place = readKey(key, this.#host.run);
    if (place.kind === "adapter") return this.#host.adapters.get(place.adapter);
    const reference = this.#plain.get(plainName(key));
    const local = reference === undefined ? undefined : this.#host.localKeyOf(reference);
    const bound = local === undefined ? undefined : readKey(local, this.#host.run);
    return bound?.kind === "adapter" ? this.#host.adapters.get(bound.adapter) : undefined;
  }

  #mayBeMade(path: readonly string[]): boolean {
    let parent = this.#root();
    for (const name of path) {
      const child = parent._child(name);
      if (child === undefined) return parent.the_activator !== null;
      parent = child;
    }
    return false;
  }
}

/** One map name for each run of octets; text stands for its UTF-8. */
function plainName(key: string | Uint8Array): string {
  return (typeof key === "string" ? Buffer.from(key, "utf8") : asBuffer(key)).toString("latin1");
}
