import { asBuffer } from "../base/index.ts";
import { Completion, MINOR, OBJECT_NOT_EXIST } from "../exception/index.ts";
import type { RequestHandler, ServerRequest, Whereabouts } from "../iiop/index.ts";
import type { ObjectReference } from "../object/index.ts";
import type { AdapterHost } from "./adapter-host.ts";
import { readKey } from "./object-key.ts";
import type { POA } from "./poa.ts";

/** Finds the POA a request is for, and knows the plain keys of well-known objects. */
export class Adapters implements RequestHandler {
  readonly #host: AdapterHost<POA>;
  readonly #plain = new Map<string, ObjectReference>();

  constructor(host: AdapterHost<POA>) {
    this.#host = host;
  }

  /**
   * Makes `key` another key of an object, as `corbaloc:…/key` has it: requests for an object of this ORB
   * go to it, those for an object elsewhere are forwarded. null takes the key away.
   */
  bindPlainKey(key: string | Uint8Array, reference: ObjectReference | null): void {
    const name = plainName(key);
    if (reference === null) this.#plain.delete(name);
    else this.#plain.set(name, reference);
  }

  /** The reference bound to a plain key. */
  plainKey(key: string | Uint8Array): ObjectReference | undefined {
    return this.#plain.get(plainName(key));
  }

  dispatch(request: ServerRequest): void {
    this.#dispatch(request, request.objectKey, true);
  }

  #dispatch(request: ServerRequest, key: Uint8Array, mayBePlain: boolean): void {
    const place = readKey(key, this.#host.run);
    if (place.kind === "adapter") {
      const poa = this.#host.adapters.get(place.adapter);
      if (poa !== undefined) {
        poa._serve(request, key.subarray(place.idAt));
        return;
      }
      request.systemException(
        new OBJECT_NOT_EXIST(
          "the object's POA does not exist here (or not any more)",
          MINOR.adapterNotFound,
          Completion.no,
        ),
      );
      return;
    }
    const reference =
      place.kind === "foreign" && mayBePlain
        ? this.#plain.get(asBuffer(key).toString("latin1"))
        : undefined;
    if (reference !== undefined) {
      const local = this.#host.localKeyOf(reference);
      if (local === undefined) request.forward(reference._core.ior, false);
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

  locate(key: Uint8Array): Whereabouts {
    const place = readKey(key, this.#host.run);
    if (place.kind === "adapter") {
      const poa = this.#host.adapters.get(place.adapter);
      return poa?._has(key.subarray(place.idAt)) === true ? { at: "here" } : { at: "unknown" };
    }
    const reference =
      place.kind === "foreign" ? this.#plain.get(asBuffer(key).toString("latin1")) : undefined;
    if (reference === undefined) return { at: "unknown" };
    const local = this.#host.localKeyOf(reference);
    if (local === undefined) {
      return { at: "forward", to: reference._core.ior, permanent: false };
    }
    return readKey(local, this.#host.run).kind === "adapter"
      ? this.locate(local)
      : { at: "unknown" };
  }
}

/** One map name for each run of octets; text stands for its UTF-8. */
function plainName(key: string | Uint8Array): string {
  return (typeof key === "string" ? Buffer.from(key, "utf8") : asBuffer(key)).toString("latin1");
}
