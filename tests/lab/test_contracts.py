"""A contract that was changed: what is taken out is unknown there, and nothing else changes."""

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from clientela.v1.customers_pb2 import Customer
from clientela_lab.contracts import add_field, changed, enum_of, forget, message_of

CUSTOMER = "clientela.v1.Customer"


def without_patron(file: FileDescriptorProto) -> None:
    forget(message_of(file, "Customer"), "patron")


def with_card(file: FileDescriptorProto) -> None:
    add_field(message_of(file, "Customer"), "card", 100)


def without_post(file: FileDescriptorProto) -> None:
    values = enum_of(file, "ContactChannel").value
    for value in [each for each in values if each.name == "CONTACT_CHANNEL_POST"]:
        values.remove(value)


def test_what_was_forgotten_is_kept_as_bytes_that_nobody_understands() -> None:
    sent = Customer(display_name="Blue Door Café", patron="counter 2").SerializeToString()

    read = changed(without_patron).new(CUSTOMER)
    read.ParseFromString(sent)

    assert "patron" not in read.DESCRIPTOR.fields_by_name
    assert read.display_name == "Blue Door Café"
    assert Customer.FromString(read.SerializeToString()).patron == "counter 2"


def test_the_other_fields_keep_their_presence_and_their_oneofs() -> None:
    old = changed(without_patron).new(CUSTOMER, person={"given_name": "Blue"})

    assert old.WhichOneof("party") == "person"
    assert old.person.HasField("given_name")


def test_what_was_added_is_there_and_ours_is_as_before() -> None:
    new = changed(with_card).new(CUSTOMER, card="4711")

    assert new.card == "4711"
    assert "card" not in Customer.DESCRIPTOR.fields_by_name


def test_an_enum_has_the_values_of_its_contract() -> None:
    assert 4 in changed(without_patron).values_of("clientela.v1.ContactChannel")
    assert 4 not in changed(without_post).values_of("clientela.v1.ContactChannel")
