/** Profiles by tag, in the words of the standard and of the ORBs that made them (IOP::ProfileId). */
const PROFILE_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "TAG_INTERNET_IOP"],
  [1, "TAG_MULTIPLE_COMPONENTS"],
  [2, "TAG_SCCP_IOP"],
  [3, "TAG_UIPMC"],
  [0x5441_4f00, "TAO_TAG_UIOP_PROFILE"],
  [0x5441_4f02, "TAO_TAG_SHMEM_PROFILE"],
  [0x5441_4f04, "TAO_TAG_DIOP_PROFILE"],
  [0x5441_4f05, "TAO_TAG_COIOP_PROFILE"],
  [0x5441_4f0e, "TAO_TAG_SCIOP_PROFILE"],
  [0x4a43_0000, "JAC_SSL_PROFILE_ID"],
  [0x4a43_0001, "JAC_NOSSL_PROFILE_ID"],
]);

/** Components by tag (IOP::ComponentId). */
const COMPONENT_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "TAG_ORB_TYPE"],
  [1, "TAG_CODE_SETS"],
  [2, "TAG_POLICIES"],
  [3, "TAG_ALTERNATE_IIOP_ADDRESS"],
  [5, "TAG_COMPLETE_OBJECT_KEY"],
  [6, "TAG_ENDPOINT_ID_POSITION"],
  [12, "TAG_LOCATION_POLICY"],
  [13, "TAG_ASSOCIATION_OPTIONS"],
  [14, "TAG_SEC_NAME"],
  [15, "TAG_SPKM_1_SEC_MECH"],
  [16, "TAG_SPKM_2_SEC_MECH"],
  [17, "TAG_KerberosV5_SEC_MECH"],
  [18, "TAG_CSI_ECMA_Secret_SEC_MECH"],
  [19, "TAG_CSI_ECMA_Hybrid_SEC_MECH"],
  [20, "TAG_SSL_SEC_TRANS"],
  [21, "TAG_CSI_ECMA_Public_SEC_MECH"],
  [22, "TAG_GENERIC_SEC_MECH"],
  [23, "TAG_FIREWALL_TRANS"],
  [24, "TAG_SCCP_CONTACT_INFO"],
  [25, "TAG_JAVA_CODEBASE"],
  [26, "TAG_TRANSACTION_POLICY"],
  [27, "TAG_FT_GROUP"],
  [28, "TAG_FT_PRIMARY"],
  [29, "TAG_FT_HEARTBEAT_ENABLED"],
  [30, "TAG_MESSAGE_ROUTERS"],
  [31, "TAG_OTS_POLICY"],
  [32, "TAG_INV_POLICY"],
  [33, "TAG_CSI_SEC_MECH_LIST"],
  [34, "TAG_NULL_TAG"],
  [35, "TAG_SECIOP_SEC_TRANS"],
  [36, "TAG_TLS_SEC_TRANS"],
  [37, "TAG_ACTIVITY_POLICY"],
  [38, "TAG_RMI_CUSTOM_MAX_STREAM_FORMAT"],
  [39, "TAG_GROUP"],
  [40, "TAG_GROUP_IIOP"],
  [41, "TAG_PASSTHRU_TRANS"],
  [42, "TAG_FIREWALL_PATH"],
  [43, "TAG_IIOP_SEC_TRANS"],
  [100, "TAG_DCE_STRING_BINDING"],
  [101, "TAG_DCE_BINDING_NAME"],
  [102, "TAG_DCE_NO_PIPES"],
  [103, "TAG_DCE_SEC_MECH"],
  [123, "TAG_INET_SEC_TRANS"],
  [0x5441_4f01, "TAO_TAG_SSL_ENDPOINTS"],
  [0x5441_4f02, "TAO_TAG_ENDPOINTS"],
  [0x4154_5401, "TAG_OMNIORB_BIDIR"],
  [0x4154_5402, "TAG_OMNIORB_UNIX_TRANS"],
  [0x4154_5403, "TAG_OMNIORB_PERSISTENT_ID"],
  [0x4154_5404, "TAG_OMNIORB_RESTRICTED_CONNECTION"],
  [0x4154_5405, "TAG_OMNIORB_HTTP_TRANS"],
  [0x4245_4100, "TAG_WEBLOGIC_VERSION"],
  [0x4245_4103, "TAG_WEBLOGIC_CLUSTER_KEY"],
]);

/** ORBs by the number in TAG_ORB_TYPE; some have been seen with two. */
const ORB_NAMES: ReadonlyMap<number, string> = new Map([
  [0x4f52_4257, "Orbweaver"],
  [0x5441_4f00, "TAO"],
  [0x4154_5400, "omniORB"],
  [0x4a41_4300, "JacORB"],
  [0x5355_4e00, "Sun, GlassFish"],
  [0x5355_0000, "Sun, GlassFish"],
  [0x4f4f_4300, "ORBacus"],
  [0x4954_5f00, "Orbix"],
  [0x4954_0000, "Orbix"],
  [0x5649_5300, "VisiBroker"],
  [0x4245_4100, "WebLogic"],
  [0x574c_5300, "WebLogic"],
  [0x4942_4d00, "IBM"],
  [0x4f42_5400, "ORBit"],
  [0x504f_0000, "PolyORB"],
  [0x522e_4300, "Remoting.Corba"],
  [0x4743_0000, "GNU Classpath"],
  [0x4f49_5300, "OIS ORBexpress"],
  [0x494c_5500, "ILU"],
  [0x5054_4300, "OpenFusion"],
  [0x5850_5300, "XPS"],
  [0x0000_029a, "TIDorb"],
]);

/** Code sets of the OSF registry that ORBs name. */
const CODE_SET_NAMES: ReadonlyMap<number, string> = new Map([
  [0x0001_0001, "ISO 8859-1"],
  [0x0001_0002, "ISO 8859-2"],
  [0x0001_0005, "ISO 8859-5"],
  [0x0001_0007, "ISO 8859-7"],
  [0x0001_000f, "ISO 8859-15"],
  [0x0001_0020, "ASCII"],
  [0x0001_0100, "UCS-2 level 1"],
  [0x0001_0101, "UCS-2 level 2"],
  [0x0001_0102, "UCS-2 level 3"],
  [0x0001_0104, "UCS-4 level 1"],
  [0x0001_0106, "UCS-4 level 3"],
  [0x0001_0109, "UTF-16"],
  [0x0501_0001, "UTF-8"],
  [0x1002_04e4, "Windows-1252"],
]);

/** Policies that stand in TAG_POLICIES, by type. */
const POLICY_NAMES: ReadonlyMap<number, string> = new Map([
  [23, "REBIND_POLICY_TYPE"],
  [24, "SYNC_SCOPE_POLICY_TYPE"],
  [25, "REQUEST_PRIORITY_POLICY_TYPE"],
  [26, "REPLY_PRIORITY_POLICY_TYPE"],
  [27, "REQUEST_START_TIME_POLICY_TYPE"],
  [28, "REQUEST_END_TIME_POLICY_TYPE"],
  [29, "REPLY_START_TIME_POLICY_TYPE"],
  [30, "REPLY_END_TIME_POLICY_TYPE"],
  [31, "RELATIVE_REQ_TIMEOUT_POLICY_TYPE"],
  [32, "RELATIVE_RT_TIMEOUT_POLICY_TYPE"],
  [33, "ROUTING_POLICY_TYPE"],
  [34, "MAX_HOPS_POLICY_TYPE"],
  [35, "QUEUE_ORDER_POLICY_TYPE"],
  [37, "BIDIRECTIONAL_POLICY_TYPE"],
  [40, "PRIORITY_MODEL_POLICY_TYPE"],
  [41, "THREADPOOL_POLICY_TYPE"],
  [42, "SERVER_PROTOCOL_POLICY_TYPE"],
  [43, "CLIENT_PROTOCOL_POLICY_TYPE"],
  [44, "PRIVATE_CONNECTION_POLICY_TYPE"],
  [45, "PRIORITY_BANDED_CONNECTION_POLICY_TYPE"],
  [47, "REQUEST_DURATION_POLICY"],
  [48, "HEARTBEAT_POLICY"],
  [49, "HEARTBEAT_ENABLED_POLICY"],
]);

/** `0x` and eight hexadecimal digits. */
export function hexNumber(number: number): string {
  return `0x${number.toString(16).padStart(8, "0")}`;
}

function nameOr(names: ReadonlyMap<number, string>, number: number): string {
  return names.get(number) ?? hexNumber(number);
}

/** The standard's name of a profile's tag, or its number in hexadecimal. */
export function profileTagName(tag: number): string {
  return nameOr(PROFILE_NAMES, tag);
}

/** The standard's name of a component's tag, or its number in hexadecimal. */
export function componentTagName(tag: number): string {
  return nameOr(COMPONENT_NAMES, tag);
}

/** Who made a reference, by its ORB type. */
export function orbTypeName(orbType: number): string {
  return nameOr(ORB_NAMES, orbType);
}

export function codeSetName(codeSet: number): string {
  return nameOr(CODE_SET_NAMES, codeSet);
}

export function policyTypeName(policyType: number): string {
  return POLICY_NAMES.get(policyType) ?? String(policyType);
}
