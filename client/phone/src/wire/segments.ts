// SegmentService as the phone asks it: loaded only where somebody looks at segments.
import { create } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import {
  type ListSegmentMembersResponse,
  type ListSegmentsResponse,
  ListSegmentsResponseSchema,
  SegmentService,
} from "../gen/clientela/v1/segments_pb";
import { upTo } from "./api";
import { type Told, told } from "./told";

const SEGMENTS_MOST = 1000;

export function listSegments(transport: Transport): Promise<Told<ListSegmentsResponse>> {
  const client = createClient(SegmentService, transport);
  return told(async (asOf) => {
    const segments = await upTo(SEGMENTS_MOST, async (pageSize, pageToken) => {
      const request = { pageSize, pageToken, orderBy: "display_name" };
      const page = await client.listSegments(request, asOf.options);
      return [page.segments, page.nextPageToken];
    });
    return create(ListSegmentsResponseSchema, { segments });
  });
}

/** A page of who is in a segment, who bought last first. */
export function listMembers(
  transport: Transport,
  parent: string,
  pageSize: number,
  pageToken = "",
): Promise<Told<ListSegmentMembersResponse>> {
  const client = createClient(SegmentService, transport);
  const request = { parent, pageSize, pageToken, orderBy: "last_purchase_time desc" };
  return told((asOf) => client.listSegmentMembers(request, asOf.options));
}
