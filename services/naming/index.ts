export {
  type Binding,
  BindingTable,
  type ContextChange,
  type ContextRecord,
  type Fault,
  faultOf,
  judge,
  MemoryStore,
  type Name,
  type NameComponent,
  NameFault,
  nameFromString,
  nameToString,
  type NamingStore,
  type NotFoundWhy,
  type Refusal,
  type SwapStore,
  SwappedStore,
  type SwappedStoreOptions,
  type Target,
  type Verdict,
} from "../bindings/index.ts";
export { ContextTree, type ContextTreeOptions, type Place } from "./context-tree.ts";
export { Listings, type ListingsOptions } from "./listings.ts";
export { nameToUrl } from "./name-url.ts";
export type { NamingAddress } from "./reference-parts.ts";
export { type NamingOptions, type NamingService, startNaming } from "./service.ts";
