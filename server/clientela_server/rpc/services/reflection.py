"""Server reflection: describes the protos to clients that have none (grpcurl, Postman).

grpcio's package speaks v1alpha; v1 is the same messages under another name, so one servicer serves both.
"""

from collections.abc import Iterable

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.reflection import aio

V1 = "grpc.reflection.v1.ServerReflection"
V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"


def reflection(services: Iterable[str]) -> tuple[ServiceDescriptor, object]:
    """Return the reflection service's descriptor, and a servicer that describes the named services."""
    _describe_v1()
    service = descriptor_pool.Default().FindServiceByName(V1ALPHA)
    return service, aio.ReflectionServicer([*services, V1, V1ALPHA])


def _describe_v1() -> None:
    """Register the descriptor of v1, so that reflection can describe it too."""
    file = FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(file)
    file.name = "grpc/reflection/v1/reflection.proto"
    file.package = "grpc.reflection.v1"
    for message in file.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace("v1alpha", "v1")
    for method in file.service[0].method:
        method.input_type = method.input_type.replace("v1alpha", "v1")
        method.output_type = method.output_type.replace("v1alpha", "v1")
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
