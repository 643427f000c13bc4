/** The files of `idl/omg`, without their suffix. */
const OWN: readonly string[] =
  `BiDirPolicy CONV_FRAME CSI CSIIOP ComponentIR Compression CosEventChannelAdmin CosEventComm CosNaming
  CosNotification CosNotifyChannelAdmin CosNotifyComm CosNotifyFilter CosPropertyService
  CosTime CosTimerEvent CosTrading CosTradingDynamic CosTradingRepos CosTypedEventChannelAdmin
  CosTypedEventComm CosTypedNotifyChannelAdmin CosTypedNotifyComm DsLogAdmin Dynamic DynamicAny FT GIOP
  IIOP IOP Messaging PortableInterceptor PortableServer RTCORBA RTPortableServer
  SendingContext TimeBase ZIOP orb pollable`.split(/\s+/);

/** Names other ORBs have for what a file of `idl/omg` declares, without suffix, in lower case. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  // JacORB, ORBit2, GlassFish, OpenORB
  corba: "orb",
  corbaidl: "orb",
  ifr: "orb",
  interfacerepository: "orb",
  ir: "orb",
  interceptors: "PortableInterceptor",
  naming: "CosNaming",
  namingservice: "CosNaming",
  poa: "PortableServer",
  // omniORB
  boxes: "orb",
  messaging_policy: "Messaging",
  poa_include: "PortableServer",
};

/** The same for files of TAO, which have the suffix `.pidl` or the folder `tao`: their names are less telling. */
const OF_TAO: Readonly<Record<string, string>> = {
  bidir: "BiDirPolicy",
  cosproperty: "CosPropertyService",
  current: "orb",
  domain: "orb",
  ft_corba: "FT",
  messaging_syncscope: "Messaging",
  orb_types: "orb",
  parametermode: "orb",
  pi_forward: "PortableInterceptor",
  policy: "orb",
  policy_current: "orb",
  policy_forward: "orb",
  policy_manager: "orb",
  services: "orb",
  typecode_types: "orb",
  wrongtransaction: "orb",
};

/** Folders of TAO whose files are parts of one module. */
const FOLDERS: Readonly<Record<string, string>> = {
  anytypecode: "Dynamic",
  bidir_giop: "BiDirPolicy",
  compression: "Compression",
  dynamicany: "DynamicAny",
  dynamicinterface: "Dynamic",
  ifr_client: "orb",
  messaging: "Messaging",
  objreftemplate: "PortableInterceptor",
  pi: "PortableInterceptor",
  pi_server: "PortableInterceptor",
  portableserver: "PortableServer",
  rtcorba: "RTCORBA",
  rtportableserver: "RTPortableServer",
  zlibcompressor: "Compression",
};

const NAMES: ReadonlyMap<string, string> = new Map([
  ...OWN.map((name) => [name.toLowerCase(), name] as const),
  ...Object.entries(OTHER_NAMES),
]);

/**
 * The file of `idl/omg` that declares what a file of another ORB does: `tao/TimeBase.pidl`,
 * `orbsvcs/CosNaming.idl`, `COS/CosNaming.idl`, `tao/LongSeq.pidl`, `CORBA.idl`, `omg/orb.idl`.
 * Upper and lower case count as the same.
 */
export function standardFile(name: string): string | undefined {
  const folders = name.toLowerCase().split(/[/\\]/);
  const file = folders.pop() ?? "";
  if (!/\.p?idl$/.test(file)) return undefined;
  const stem = file.replace(/\.p?idl$/, "");
  const isOfTao = file.endsWith(".pidl") || folders.includes("tao");
  const found = NAMES.get(stem) ?? (isOfTao ? fileOfTao(stem, folders.at(-1)) : undefined);
  return found === undefined ? undefined : `${found}.idl`;
}

function fileOfTao(stem: string, folder: string | undefined): string | undefined {
  if (Object.hasOwn(OF_TAO, stem)) return OF_TAO[stem];
  if (stem.endsWith("seq")) return "orb";
  return folder !== undefined && Object.hasOwn(FOLDERS, folder) ? FOLDERS[folder] : undefined;
}
