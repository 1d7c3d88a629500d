// InsightService as the phone asks it: loaded only where somebody looks at a standing or at segments.
import { create } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import {
  InsightService,
  type ListSegmentMembersResponse,
  type ListSegmentsResponse,
  ListSegmentsResponseSchema,
  type Standing,
} from "../gen/clientela/v1/insight_pb";
import { AsOf, READ_MS, upTo } from "./api";

const SEGMENTS_MOST = 1000;

/** An answer, and the revision that it says it reflects. */
export interface Told<T> {
  readonly message: T;
  readonly asOf: bigint;
}

export class InsightApi {
  private readonly client: Client<typeof InsightService>;

  constructor(transport: Transport) {
    this.client = createClient(InsightService, transport);
  }

  /** A customer's standing, its sentences in the phone's language. */
  standing(name: string): Promise<Told<Standing>> {
    return told((asOf) => this.client.getStanding({ name }, asOf.options));
  }

  segments(): Promise<Told<ListSegmentsResponse>> {
    return told(async (asOf) => {
      const segments = await upTo(SEGMENTS_MOST, async (pageSize, pageToken) => {
        const request = { pageSize, pageToken, orderBy: "display_name" };
        const page = await this.client.listSegments(request, asOf.options);
        return [page.segments, page.nextPageToken];
      });
      return create(ListSegmentsResponseSchema, { segments });
    });
  }

  /** A page of who is in a segment, who bought last first. */
  members(parent: string, pageSize: number, pageToken = ""): Promise<Told<ListSegmentMembersResponse>> {
    const request = { parent, pageSize, pageToken, orderBy: "last_purchase_time desc" };
    return told((asOf) => this.client.listSegmentMembers(request, asOf.options));
  }
}

async function told<T>(ask: (asOf: AsOf) => Promise<T>): Promise<Told<T>> {
  const asOf = new AsOf(READ_MS);
  return { message: await ask(asOf), asOf: asOf.revision ?? 0n };
}
