import type { InterfaceDcl, Named } from "../model/index.ts";

const DYNAMIC = "IDL:omg.org/DynamicAny";
const SERVER = "IDL:omg.org/PortableServer";

/**
 * Declarations of the standard that the runtime implements itself: what `orbweaver/orb/generated` calls them, by
 * repository id without its version. Mapped to it, IDL that mentions a POA takes the ORB's own.
 */
const RUNTIME_TYPES: ReadonlyMap<string, string> = new Map([
  ["IDL:omg.org/CORBA/Bounds", "Bounds"],
  ["IDL:omg.org/CORBA/InvalidPolicies", "InvalidPolicies"],
  ["IDL:omg.org/CORBA/Policy", "Policy"],
  ["IDL:omg.org/CORBA/PolicyError", "PolicyError"],
  ["IDL:omg.org/CORBA/PollableSet/NoPossiblePollable", "NoPossiblePollable"],
  ["IDL:omg.org/CORBA/PollableSet/UnknownPollable", "UnknownPollable"],
  [`${DYNAMIC}/DynAny`, "DynAny"],
  [`${DYNAMIC}/DynAny/InvalidValue`, "InvalidValue"],
  [`${DYNAMIC}/DynAny/TypeMismatch`, "TypeMismatch"],
  [`${DYNAMIC}/DynAnyFactory`, "DynAnyFactory"],
  [`${DYNAMIC}/DynAnyFactory/InconsistentTypeCode`, "InconsistentTypeCode"],
  [`${DYNAMIC}/DynArray`, "DynArray"],
  [`${DYNAMIC}/DynEnum`, "DynEnum"],
  [`${DYNAMIC}/DynFixed`, "DynFixed"],
  [`${DYNAMIC}/DynSequence`, "DynSequence"],
  [`${DYNAMIC}/DynStruct`, "DynStruct"],
  [`${DYNAMIC}/DynUnion`, "DynUnion"],
  [`${DYNAMIC}/DynValue`, "DynValue"],
  [`${DYNAMIC}/DynValueBox`, "DynValueBox"],
  [`${DYNAMIC}/DynValueCommon`, "DynValueCommon"],
  [`${DYNAMIC}/MustTruncate`, "MustTruncate"],
  [`${SERVER}/Servant`, "Servant"],
  [`${SERVER}/ForwardRequest`, "ForwardRequest"],
  [`${SERVER}/AdapterActivator`, "AdapterActivator"],
  [`${SERVER}/ServantActivator`, "ServantActivator"],
  [`${SERVER}/ServantLocator`, "ServantLocator"],
  [`${SERVER}/POA`, "POA"],
  [`${SERVER}/POA/AdapterAlreadyExists`, "AdapterAlreadyExists"],
  [`${SERVER}/POA/AdapterNonExistent`, "AdapterNonExistent"],
  [`${SERVER}/POA/InvalidPolicy`, "InvalidPolicy"],
  [`${SERVER}/POA/NoServant`, "NoServant"],
  [`${SERVER}/POA/ObjectAlreadyActive`, "ObjectAlreadyActive"],
  [`${SERVER}/POA/ObjectNotActive`, "ObjectNotActive"],
  [`${SERVER}/POA/ServantAlreadyActive`, "ServantAlreadyActive"],
  [`${SERVER}/POA/ServantNotActive`, "ServantNotActive"],
  [`${SERVER}/POA/WrongAdapter`, "WrongAdapter"],
  [`${SERVER}/POA/WrongPolicy`, "WrongPolicy"],
  [`${SERVER}/POAManager`, "POAManager"],
  [`${SERVER}/POAManager/AdapterInactive`, "AdapterInactive"],
  [`${SERVER}/POAManagerFactory`, "POAManagerFactory"],
  [`${SERVER}/POAManagerFactory/ManagerAlreadyExists`, "ManagerAlreadyExists"],
  [`${SERVER}/Current`, "POACurrent"],
  [`${SERVER}/Current/NoContext`, "NoContext"],
]);

/**
 * What the runtime calls a declaration; undefined for those it leaves to generated code. Only the compiler's own
 * standard IDL counts: another ORB's file of the same ids may say other things about them (omniORB's poa.idl
 * has remote servant managers), and all of it is generated.
 */
export function runtimeName(
  declaration: Pick<Named, "repositoryId" | "isStandard">,
): string | undefined {
  if (!declaration.isStandard) return undefined;
  return RUNTIME_TYPES.get(declaration.repositoryId.replace(/:[^:]*$/u, ""));
}

const POLICIES: WeakMap<InterfaceDcl, boolean> = new WeakMap();

function isPolicy(declaration: InterfaceDcl): boolean {
  const known = POLICIES.get(declaration);
  if (known !== undefined) return known;
  const found = runtimeName(declaration) === "Policy" || declaration.bases.some(isPolicy);
  POLICIES.set(declaration, found);
  return found;
}

/**
 * How an interface is used. Policies are objects of the process, although the standard's IDL does not call them
 * `local` (CORBA 3.3 Part 1, clause 8): CORBA::Policy and what derives from it are local here.
 */
export function flavourOf(declaration: InterfaceDcl): InterfaceDcl["flavour"] {
  return isPolicy(declaration) ? "local" : declaration.flavour;
}
