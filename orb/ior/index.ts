export {
  COMPONENT_TAG,
  findComponent,
  readComponents,
  type TaggedComponent,
  writeComponents,
} from "./component.ts";
export {
  alternateAddressComponent,
  alternateAddressesOf,
  type IiopAddress,
  readAlternateAddressComponent,
} from "./components/alternate-address.ts";
export {
  codeSetsComponent,
  readCodeSetsComponent,
} from "./components/code-sets.ts";
export type { Plain } from "./components/plain.ts";
export {
  hasHeartbeat,
  heartbeatComponent,
  isPrimaryProfile,
  type ObjectGroup,
  objectGroupComponent,
  objectGroupOf,
  primaryComponent,
} from "./components/object-group.ts";
export {
  type UnixAddress,
  unixAddressComponent,
  unixAddressesOf,
} from "./components/unix-address.ts";
export { ORB_TYPE, orbTypeComponent, readOrbTypeComponent } from "./components/orb-type.ts";
export {
  type PriorityEndpoint,
  taoEndpointsComponent,
  taoEndpointsOf,
} from "./components/tao-endpoints.ts";
export {
  CORBALOC_PORT,
  type Corbaloc,
  type CorbalocAddress,
  corbalocToIor,
  corbalocToString,
  parseCorbaloc,
} from "./corbaloc.ts";
export type { KeyDescription } from "./key-maker.ts";
export { type Corbaname, parseCorbaname } from "./corbaname.ts";
export { escapeOctets } from "./escape.ts";
export { addressesOf, groupReference, type PublishedGroup } from "./group-reference.ts";
export { describeReference } from "./described.ts";
export {
  type ComponentDescription,
  describeIor,
  type IiopDescription,
  type IorDescription,
  type ProfileDescription,
} from "./description.ts";
export {
  type IiopProfile,
  iiopProfilesOf,
  readIiopProfile,
  withComponents,
  writeIiopProfile,
} from "./iiop-profile.ts";
export {
  type Ior,
  isNilIor,
  NIL_IOR,
  PROFILE_TAG,
  readIor,
  readTaggedProfile,
  type TaggedProfile,
  writeIor,
  writeTaggedProfile,
} from "./ior.ts";
export { componentTagName, profileTagName } from "./names.ts";
export { iorFromString, iorToString } from "./stringified.ts";
