export type { Binding, Target } from "./binding.ts";
export { BindingTable } from "./binding-table.ts";
export {
  type ContextChange,
  faultOf,
  judge,
  mayReplace,
  notFound,
  type Refusal,
  type Verdict,
} from "./change.ts";
export { MemoryStore } from "./memory-store.ts";
export { componentKey, type Name, type NameComponent } from "./name.ts";
export { type Fault, NameFault, type NotFoundWhy } from "./name-fault.ts";
export { nameFromString, nameToString } from "./name-string.ts";
export type { ContextRecord, NamingStore, SwapStore } from "./store.ts";
export { SwappedStore, type SwappedStoreOptions } from "./swapped-store.ts";
