import test from "ava";
import { CONV_FRAME, CSI, FT, GIOP, IIOP, IOP, TimeBase } from "../../../idl/index.ts";
import { CdrInput, CdrOutput, decapsulate, encapsulate } from "../../../orb/cdr/index.ts";
import {
  beginMessage,
  codecFor,
  HEADER_OCTETS,
  type RequestHeader,
  type Target,
} from "../../../orb/giop/index.ts";
import {
  COMPONENT_TAG,
  findComponent,
  type Ior,
  iorFromString,
  readCodeSetsComponent,
  readIiopProfile,
  writeIor,
} from "../../../orb/ior/index.ts";
import { readIors } from "../../support/vectors.ts";

// What the ORB reads and writes by hand, read once more by what idlc made of the IDL.

const PLAIN = { littleEndian: false };

function written(write: (out: CdrOutput) => unknown): Uint8Array {
  const out = new CdrOutput(PLAIN);
  write(out);
  return out.finish();
}

/** `00 01 61` as octets; blanks do not count. */
function octets(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

const captured: readonly Ior[] = readIors().map(({ text }) => iorFromString(text.trim()));

test("references of TAO and omniORB are IOP::IOR", (t) => {
  t.true(captured.length > 0);
  for (const ior of captured) {
    const asWritten = written((out) => writeIor(out, ior));
    const read = IOP.readIOR(new CdrInput(asWritten, PLAIN));
    t.is(read.type_id, ior.typeId);
    t.deepEqual(
      read.profiles.map(({ tag, profile_data }) => [tag, [...profile_data]]),
      ior.profiles.map(({ tag, data }) => [tag, [...data]]),
    );
    t.deepEqual(
      written((out) => IOP.writeIOR(out, read)),
      asWritten,
    );
  }
});

test("their profiles are IIOP::ProfileBody_1_0 or _1_1, their code sets CONV_FRAME::CodeSetComponentInfo", (t) => {
  const profiles = captured.flatMap((ior) => ior.profiles);
  for (const { data } of profiles.filter(({ tag }) => tag === IOP.TAG_INTERNET_IOP)) {
    const expected = readIiopProfile(data);
    const read: IIOP.ProfileBody_1_0 & { readonly components?: IOP.TaggedComponentSeq } =
      expected.minor === 0
        ? decapsulate(data, IIOP.readProfileBody_1_0)
        : decapsulate(data, IIOP.readProfileBody_1_1);
    t.deepEqual(read.iiop_version, { major: 1, minor: expected.minor });
    t.deepEqual([read.host, read.port], [expected.host, expected.port]);
    t.deepEqual([...read.object_key], [...expected.objectKey]);
    t.deepEqual(
      (read.components ?? []).map(({ tag }) => tag),
      expected.components.map(({ tag }) => tag),
    );
    t.is(IOP.TAG_CODE_SETS, COMPONENT_TAG.codeSets);
    const codeSets = findComponent(expected.components, COMPONENT_TAG.codeSets);
    if (codeSets === undefined) continue;
    const { char, wchar } = readCodeSetsComponent(codeSets.data);
    t.deepEqual(decapsulate(codeSets.data, CONV_FRAME.readCodeSetComponentInfo), {
      ForCharData: { native_code_set: char.native, conversion_code_sets: char.conversions },
      ForWcharData: { native_code_set: wchar.native, conversion_code_sets: wchar.conversions },
    });
  }
});

const KEY = Uint8Array.of(1, 2, 3);
const CONTEXTS = [{ id: 1, data: Uint8Array.of(0, 0, 0) }];

/** A request of GIOP 1.`minor`, as the ORB writes it, up to the end of its header. */
function request(minor: 0 | 1 | 2, target: Target): CdrInput {
  const header: RequestHeader = {
    requestId: 7,
    responseFlags: 3,
    target,
    operation: "resolve",
    contexts: CONTEXTS,
  };
  const message = written((out) => {
    beginMessage(out, "Request", minor);
    codecFor(minor).writeRequestHeader(out, header);
  });
  return new CdrInput(message, { ...PLAIN, position: HEADER_OCTETS });
}

test("the ORB's requests are GIOP::RequestHeader_1_0, _1_1 and _1_2", (t) => {
  const byKey: Target = { by: "key", objectKey: KEY };
  const service_context = CONTEXTS.map(({ id, data }) => ({ context_id: id, context_data: data }));
  const common = { request_id: 7, operation: "resolve", service_context };
  const old = { ...common, response_expected: true, object_key: KEY };
  const requesting_principal = new Uint8Array(0);
  t.deepEqual(GIOP.readRequestHeader_1_0(request(0, byKey)), { ...old, requesting_principal });
  const reserved = new Uint8Array(3);
  t.deepEqual(GIOP.readRequestHeader_1_1(request(1, byKey)), {
    ...old,
    reserved,
    requesting_principal,
  });
  t.deepEqual(GIOP.readRequestHeader_1_2(request(2, byKey)), {
    ...common,
    response_flags: 3,
    reserved,
    target: { $d: GIOP.KeyAddr, object_key: KEY },
  });
});

test("a reply of the ORB is GIOP::ReplyHeader_1_2", (t) => {
  const message = written((out) => {
    beginMessage(out, "Reply", 2);
    codecFor(2).writeReplyHeader(out, {
      requestId: 9,
      status: "LOCATION_FORWARD_PERM",
      contexts: [],
    });
  });
  t.deepEqual(
    GIOP.readReplyHeader_1_2(new CdrInput(message, { ...PLAIN, position: HEADER_OCTETS })),
    { request_id: 9, reply_status: "LOCATION_FORWARD_PERM", service_context: [] },
  );
});

test("component TAG_FT_GROUP and service context FT_REQUEST, octet by octet", (t) => {
  const group: FT.TagFTGroupTaggedComponent = {
    version: { major: 1, minor: 0 },
    ft_domain_id: "d",
    object_group_id: 5n,
    object_group_ref_version: 6,
  };
  t.deepEqual(
    encapsulate((out) => FT.writeTagFTGroupTaggedComponent(out, group), PLAIN),
    octets("00 01 00 00 00000002 6400 000000000000 0000000000000005 00000006"),
  );
  t.deepEqual(
    encapsulate(
      (out) =>
        FT.writeFTRequestServiceContext(out, {
          client_id: "c",
          retention_id: 2,
          expiration_time: 3n,
        }),
      PLAIN,
    ),
    octets("00 000000 00000002 6300 0000 00000002 0000000000000003"),
  );
});

test("a SAS message has a short in front, and a time 16 octets", (t) => {
  const body: CSI.SASContextBody = {
    $d: 4,
    error_msg: {
      client_context_id: 1n,
      major_status: 2,
      minor_status: 1,
      error_token: new Uint8Array(0),
    },
  };
  t.deepEqual(
    written((out) => CSI.writeSASContextBody(out, body)),
    octets("0004 000000000000 0000000000000001 00000002 00000001 00000000"),
  );
  t.deepEqual(
    written((out) => TimeBase.writeUtcT(out, { time: 1n, inacclo: 2, inacchi: 3, tdf: -60 })),
    octets("0000000000000001 00000002 0003 ffc4"),
  );
});
