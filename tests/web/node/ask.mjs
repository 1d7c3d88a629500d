// Makes calls with Connect's own client for Node, and tells what came of each.
//
//     node ask.mjs DESCRIPTORS GRPC_URL WEB_URL TOKEN < calls
//
// DESCRIPTORS is a file with a FileDescriptorSet; a call is a line of JSON, {method, request} with the request in
// base64; so is an outcome: {message} or {code, message, details: [{type, value}]}, one list for each call, in
// the order of the protocols below.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";

const [descriptors, grpc, web, token] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const http1 = { baseUrl: web, httpVersion: "1.1" };
const transports = [
  createConnectTransport({ ...http1, useBinaryFormat: true }),
  createConnectTransport({ ...http1, useBinaryFormat: false }),
  createGrpcWebTransport(http1),
  createGrpcTransport({ baseUrl: grpc }),
];

async function ask(transport, { method, request }) {
  const [service, name] = method.split("/");
  const described = registry.getService(service);
  const { localName, input, output } = described.methods.find((each) => each.name === name);
  const headers = { authorization: `Bearer ${token}` };
  try {
    const asked = fromBinary(input, Buffer.from(request, "base64"));
    const answer = await createClient(described, transport)[localName](asked, { headers, timeoutMs: 20_000 });
    return { message: Buffer.from(toBinary(output, answer)).toString("base64") };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const details = error.details.map(({ type, value }) => ({ type, value: Buffer.from(value).toString("base64") }));
    return { code: Code[error.code], message: error.rawMessage, details };
  }
}

for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const call = JSON.parse(line);
  console.log(JSON.stringify(await Promise.all(transports.map((transport) => ask(transport, call)))));
}
process.exit(0);
