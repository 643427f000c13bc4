import {
  Any,
  ARG_IN,
  ARG_INOUT,
  ARG_OUT,
  BAD_OPERATION,
  DynamicImplementation,
  NVList,
  type ServerRequest,
  tc,
  TypeCode,
} from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";

/** The servant without a skeleton; cpp/servants-mirror.cc tells its operations. */
export class Mirror extends DynamicImplementation {
  #type: TypeCode = tc.long;

  override _primary_interface(): string {
    return "IDL:test.orbweaver/Interop/Mirror:1.0";
  }

  override invoke(request: ServerRequest): void {
    const list = new NVList();
    switch (request.operation) {
      case "learn": {
        const type = list.add_type("type", tc.TypeCode, ARG_IN);
        request.arguments(list);
        if (type.value.value instanceof TypeCode) this.#type = type.value.value;
        return;
      }
      case "echo": {
        const v = list.add_type("v", this.#type, ARG_IN);
        request.arguments(list);
        request.set_result(v.value);
        return;
      }
      case "turn": {
        const a = list.add_type("a", this.#type, ARG_INOUT);
        const b = list.add_type("b", this.#type, ARG_OUT);
        request.arguments(list);
        b.value = a.value;
        request.set_result(a.value);
        return;
      }
      case "refuse":
        list.add_type("v", this.#type, ARG_IN);
        request.arguments(list);
        request.set_exception(new Any(Interop._tc_Refused, { code: 7, why: "no" }));
        return;
      default:
        throw new BAD_OPERATION(`a mirror has no operation ${request.operation}`);
    }
  }
}
