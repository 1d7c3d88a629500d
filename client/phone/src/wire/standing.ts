// StandingService as the phone asks it: loaded only where somebody looks at a standing.
import { createClient, type Transport } from "@connectrpc/connect";
import { type Standing, StandingService } from "../gen/clientela/v1/standing_pb";
import { type Told, told } from "./told";

/** A customer's standing, its sentences in the phone's language. */
export function getStanding(transport: Transport, name: string): Promise<Told<Standing>> {
  const client = createClient(StandingService, transport);
  return told((asOf) => client.getStanding({ name }, asOf.options));
}
