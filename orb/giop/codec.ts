import type { CdrInput, CdrOutput, GiopMinor } from "../cdr/index.ts";
import type {
  CancelRequestHeader,
  LocateReplyHeader,
  LocateRequestHeader,
  ReplyHeader,
  RequestHeader,
} from "./message.ts";

/**
 * The headers of one GIOP version. Writers expect `beginMessage` before; readers expect the input of
 * a message as the assembler hands it out, leave it at the body, and throw MARSHAL for bad octets.
 */
export interface GiopCodec {
  readonly minor: GiopMinor;
  readonly writeRequestHeader: (out: CdrOutput, header: RequestHeader) => void;
  readonly readRequestHeader: (input: CdrInput) => RequestHeader;
  readonly writeReplyHeader: (out: CdrOutput, header: ReplyHeader) => void;
  readonly readReplyHeader: (input: CdrInput) => ReplyHeader;
  readonly writeLocateRequestHeader: (out: CdrOutput, header: LocateRequestHeader) => void;
  readonly readLocateRequestHeader: (input: CdrInput) => LocateRequestHeader;
  readonly writeLocateReplyHeader: (out: CdrOutput, header: LocateReplyHeader) => void;
  readonly readLocateReplyHeader: (input: CdrInput) => LocateReplyHeader;
  readonly writeCancelRequestHeader: (out: CdrOutput, header: CancelRequestHeader) => void;
  readonly readCancelRequestHeader: (input: CdrInput) => CancelRequestHeader;
  /**
   * Call between the header and the body of a Request or Reply (the body of a LocateReply follows its
   * header directly). The answer is for {@link GiopCodec.endBody}.
   */
  readonly beginBody: (out: CdrOutput) => number;
  /** In place of `endMessage`: takes back the alignment of a body that turned out empty. */
  readonly endBody: (out: CdrOutput, headerEnd: number) => Uint8Array;
}
