/**
 * Minor codes, one readable name each. Codes of the OMG are `0x4f4d0000 | n` and count anew for each
 * exception; ours are `0xfffff000 | n`, in the range OMG leaves for experiments, and never re-used.
 */
export const MINOR = {
  none: 0,

  // BAD_CONTEXT
  contextMissing: 0x4f4d_0001,
  contextPropertyNotFound: 0x4f4d_0002,

  // BAD_INV_ORDER
  wouldDeadlock: 0x4f4d_0003,
  orbShutDown: 0x4f4d_0004,
  requestInvokedTwice: 0x4f4d_0005,
  servantManagerAlreadySet: 0x4f4d_0006,
  serverRequestArgumentsOutOfOrder: 0x4f4d_0007,
  serverRequestContextOutOfOrder: 0x4f4d_0008,
  serverRequestResultOutOfOrder: 0x4f4d_0009,
  requestAlreadySent: 0x4f4d_000a,
  resultBeforeSend: 0x4f4d_000b,
  resultAlreadyTaken: 0x4f4d_000c,
  pollOfSynchronousRequest: 0x4f4d_000d,
  interceptionPointForbids: 0x4f4d_000e,
  serviceContextAlreadyPresent: 0x4f4d_000f,
  policyFactoryAlreadyRegistered: 0x4f4d_0010,
  poaBeingDestroyed: 0x4f4d_0011,
  priorityAlreadyAssigned: 0x4f4d_0012,
  pollerNotReady: 0x4f4d_0016,
  notAllowedInPostInit: 0x4f4d_001a,

  // BAD_OPERATION
  wrongServantType: 0x4f4d_0001,
  unknownOperation: 0x4f4d_0002,

  // BAD_PARAM
  valueFactoryProblem: 0x4f4d_0001,
  wrongTypeForAbstractInterface: 0x4f4d_0006,
  badScheme: 0x4f4d_0007,
  badAddress: 0x4f4d_0008,
  badSchemeSpecificPart: 0x4f4d_0009,
  badStringifiedReference: 0x4f4d_000a,
  incompleteTypeCodeParameter: 0x4f4d_000d,
  invalidObjectId: 0x4f4d_000e,
  badTypeCodeName: 0x4f4d_000f,
  badTypeCodeRepositoryId: 0x4f4d_0010,
  badMemberName: 0x4f4d_0011,
  duplicateUnionLabel: 0x4f4d_0012,
  labelTypeDiffers: 0x4f4d_0013,
  illegalDiscriminatorType: 0x4f4d_0014,
  notAnException: 0x4f4d_0015,
  unlistedExceptionSet: 0x4f4d_0016,
  wcharCodeSetNotSent: 0x4f4d_0017,
  serviceContextIdOutOfRange: 0x4f4d_0018,
  enumOutOfRange: 0x4f4d_0019,
  invalidServiceContextId: 0x4f4d_001a,
  nilInitialReference: 0x4f4d_001b,
  invalidComponentId: 0x4f4d_001c,
  invalidProfileId: 0x4f4d_001d,
  duplicatePolicyType: 0x4f4d_001e,
  onewayWithResult: 0x4f4d_001f,
  implicitOperationByDii: 0x4f4d_0020,
  badDiscriminator: 0x4f4d_0022,
  badContextPropertyName: 0x4f4d_0023,
  badContextSearchString: 0x4f4d_0024,
  badContextName: 0x4f4d_0025,
  contextNotEmpty: 0x4f4d_0026,
  referenceNotLatin1: 0x4f4d_002a,

  // BAD_TYPECODE
  incompleteTypeCode: 0x4f4d_0001,
  illegalMemberTypeCode: 0x4f4d_0002,
  illegalParameterType: 0x4f4d_0003,

  // CODESET_INCOMPATIBLE
  codeSetNegotiationFailed: 0x4f4d_0001,
  codeSetUnsupported: 0x4f4d_0002,

  // DATA_CONVERSION
  characterNotMappable: 0x4f4d_0001,
  priorityMappingFailed: 0x4f4d_0002,

  // IMP_LIMIT
  noUsableProfileInReference: 0x4f4d_0001,

  // INITIALIZE
  priorityRangeTooNarrow: 0x4f4d_0001,

  // INTF_REPOS
  interfaceRepositoryMissing: 0x4f4d_0001,
  interfaceRepositoryEntryMissing: 0x4f4d_0002,

  // INV_OBJREF
  wcharNotSupportedByTarget: 0x4f4d_0001,
  codeSetComponentRequired: 0x4f4d_0002,

  // INV_POLICY
  policiesIrreconcilable: 0x4f4d_0001,
  invalidPolicyType: 0x4f4d_0002,
  noPolicyFactory: 0x4f4d_0003,

  // MARSHAL
  valueFactoryMissing: 0x4f4d_0001,
  serverRequestContextNotRead: 0x4f4d_0002,
  serverRequestParametersMissing: 0x4f4d_0003,
  localObject: 0x4f4d_0004,
  wcharFromGiop10Client: 0x4f4d_0005,
  wcharFromGiop10Server: 0x4f4d_0006,
  codeSetsChanged: 0x4f4d_0009,

  // NO_IMPLEMENT
  noUsableProfile: 0x4f4d_0003,
  dynamicCallOfLocalObject: 0x4f4d_0004,
  notOnLocalObject: 0x4f4d_0008,

  // NO_RESOURCES
  unsupportedByBinding: 0x4f4d_0001,
  noConnectionForPriority: 0x4f4d_0002,

  // NO_RESPONSE
  replyNotAvailable: 0x4f4d_0001,

  // OBJECT_NOT_EXIST
  objectNotActive: 0x4f4d_0001,
  adapterNotFound: 0x4f4d_0002,
  adapterInactive: 0x4f4d_0004,
  replyAlreadyDelivered: 0x4f4d_0005,

  // OBJ_ADAPTER
  unknownAdapterFailed: 0x4f4d_0001,
  noServant: 0x4f4d_0002,
  noDefaultServant: 0x4f4d_0003,
  noServantManager: 0x4f4d_0004,
  incarnateBrokePolicy: 0x4f4d_0005,
  iorInterceptorFailed: 0x4f4d_0006,
  servantManagerReturnedNull: 0x4f4d_0007,

  // TIMEOUT
  pollerTimedOut: 0x4f4d_0001,
  requestExpired: 0x4f4d_0002,
  replyExpired: 0x4f4d_0003,

  // TRANSIENT
  requestDiscarded: 0x4f4d_0001,
  noUsableEndpoint: 0x4f4d_0002,
  requestCancelled: 0x4f4d_0003,
  poaDestroyed: 0x4f4d_0004,

  // UNKNOWN
  unlistedUserException: 0x4f4d_0001,
  unknownSystemException: 0x4f4d_0002,
  unknownUserExceptionIntercepted: 0x4f4d_0003,

  // Ours: octets that break the rules of CDR (MARSHAL).
  stringNotTerminated: 0xffff_f001,
  lengthPastEnd: 0xffff_f002,
  nestingTooDeep: 0xffff_f003,
  badAlignment: 0xffff_f004,
  boundExceeded: 0xffff_f005,
  sequenceTooLong: 0xffff_f006,
  unknownOrdinal: 0xffff_f007,
  badStringEncoding: 0xffff_f008,
  badWcharLength: 0xffff_f009,
  badTypeCodeKind: 0xffff_f00a,
  badTypeCodeIndirection: 0xffff_f00b,
  badTypeCodeParameter: 0xffff_f00c,
  messageTooLarge: 0xffff_f00d,
  badValueTag: 0xffff_f00e,
  badValueIndirection: 0xffff_f00f,
  badChunk: 0xffff_f010,
  tooManyValues: 0xffff_f011,
  wrongValueType: 0xffff_f012,
  badFixed: 0xffff_f013,
  oddContext: 0xffff_f014,

  // Ours: arguments out of range (BAD_PARAM).
  integerOutOfRange: 0xffff_f020,
  wrongJavaScriptType: 0xffff_f021,
  nulInString: 0xffff_f022,
  wrongArrayLength: 0xffff_f023,
  missingMember: 0xffff_f024,
  fixedOutOfRange: 0xffff_f025,

  // Ours: connections and calls (TRANSIENT, COMM_FAILURE, TIMEOUT, NO_RESOURCES).
  connectFailed: 0xffff_f040,
  connectTimedOut: 0xffff_f041,
  requestTimedOut: 0xffff_f042,
  peerClosed: 0xffff_f043,
  queueFull: 0xffff_f044,
  protocolError: 0xffff_f045,
  connectionReset: 0xffff_f046,

  // Ours: dispatch gates, servant managers and adapter activators (TIMEOUT).
  gateExpired: 0xffff_f060,
  managerExpired: 0xffff_f061,

  // Ours: replication groups (TRANSIENT, BAD_CONTEXT, NO_RESPONSE).
  groupNotMember: 0xffff_f070,
  groupNoMajority: 0xffff_f071,
  groupQueueFull: 0xffff_f072,
  groupRetentionFull: 0xffff_f073,
  groupRequestExpired: 0xffff_f074,
  groupReplyForgotten: 0xffff_f075,
  groupSentElsewhere: 0xffff_f076,
} as const;
