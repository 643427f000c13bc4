import type { AdapterState, IorHook, IorShape, ShapedAdapter } from "../../orb/hook/index.ts";
import { Completion, MINOR, OBJ_ADAPTER } from "../../orb/index.ts";
import type { IORInterceptor } from "./interceptor.ts";
import { AdapterTemplate, IORInfo, STATES } from "./ior-info.ts";
import { type Kit, runPoint } from "./kit.ts";

/** Runs the IOR interceptors of an ORB (CORBA 3.3 Part 1, 16.5). */
export class IorInterception implements IorHook {
  readonly #kit: Kit;
  readonly #interceptors: readonly IORInterceptor[];
  readonly #templates = new Map<string, AdapterTemplate>();

  constructor(kit: Kit, interceptors: readonly IORInterceptor[]) {
    this.#kit = kit;
    this.#interceptors = interceptors;
  }

  adapterCreated(adapter: ShapedAdapter): IorShape {
    const template = new AdapterTemplate(this.#kit, adapter);
    const info = new IORInfo(this.#kit, adapter, template);
    info._at = "establish_components";
    for (const interceptor of this.#interceptors) {
      this.#warn(interceptor, "establish_components", info);
    }
    info._at = "components_established";
    for (const interceptor of this.#interceptors) {
      const failed = runPoint(this.#kit, interceptor, "components_established", info);
      if (failed === undefined) continue;
      const name = template.adapter_name.join("/");
      const text = `POA ${name} was not made: interceptor "${interceptor.name}" threw in components_established`;
      const options = { cause: failed.thrown };
      throw new OBJ_ADAPTER(text, MINOR.iorInterceptorFailed, Completion.no, options);
    }
    info._at = undefined;
    this.#templates.set(nameOf(adapter.path), template);
    return info._shape;
  }

  managerChanged(managerId: string, state: AdapterState): void {
    for (const interceptor of this.#interceptors) {
      const told = {
        name: interceptor.name,
        adapter_manager_state_changed: () =>
          interceptor.adapter_manager_state_changed?.(managerId, STATES[state]),
      };
      this.#warn(told, "adapter_manager_state_changed", undefined);
    }
  }

  adaptersDestroyed(paths: readonly (readonly string[])[]): void {
    const templates = paths.flatMap((path) => this.#templates.get(nameOf(path)) ?? []);
    for (const path of paths) this.#templates.delete(nameOf(path));
    for (const interceptor of this.#interceptors) {
      const told = {
        name: interceptor.name,
        adapter_state_changed: () =>
          interceptor.adapter_state_changed?.(templates, STATES.NON_EXISTENT),
      };
      this.#warn(told, "adapter_state_changed", undefined);
    }
  }

  // What these points throw stops nothing, and so is said in the log at least.
  #warn(interceptor: { readonly name: string }, point: string, info: unknown): void {
    const failed = runPoint(this.#kit, interceptor, point, info);
    if (failed === undefined) return;
    this.#kit.orb.warn(`interceptor "${interceptor.name}" threw in ${point}`, failed.thrown);
  }
}

function nameOf(path: readonly string[]): string {
  return path.join("\0");
}
