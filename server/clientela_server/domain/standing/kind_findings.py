"""Why each kind that follows from facts alone holds or not, and what would turn it. Read next: `kinds`."""

from clientela_server.domain.standing import kinds
from clientela_server.domain.standing.facts import (
    BUSINESS_USE,
    DIRECT,
    ORGANIZATION,
    OWN_USE,
    PERSON,
    THROUGH_PARTNER,
    Facts,
)
from clientela_server.domain.standing.findings import NEVER, Finding, Flip, number, share
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.stage_findings import next_free_day


def party_findings(facts: Facts, policy: Policy, day: int) -> list[Finding]:
    """Return the findings of INDIVIDUAL, BUSINESS, B2C and B2B."""
    stated = facts.own_use + facts.business
    bought = share("for_business", facts.business, stated, policy.business_percent)
    party = number("organization", int(facts.party == ORGANIZATION), 1, "")
    person = number("person", int(facts.party == PERSON), 1, "")
    individual, business = kinds.is_individual(facts, policy), kinds.is_business(facts, policy)
    by_purposes = kinds.buys_for_business(facts, policy)
    return [
        Finding(
            "INDIVIDUAL",
            individual,
            rule_id="kind.individual.person",
            measures=(person, bought),
            flip=Flip("become_organization", party=ORGANIZATION)
            if individual
            else _to_person(facts, policy, day),
            says="individual.yes" if individual else _no_individual(facts),
        ),
        Finding(
            "BUSINESS",
            business,
            rule_id="kind.business.purposes" if by_purposes else "kind.business.party",
            measures=(party, bought),
            flip=_to_person(facts, policy, day)
            if business
            else Flip("become_organization", party=ORGANIZATION),
            says=("business.purposes" if by_purposes else "business.organization")
            if business
            else "business.no",
        ),
        _of_purpose(
            "B2C",
            part=facts.own_use,
            rest=facts.business,
            percent=policy.b2c_percent,
            purposes=(OWN_USE, BUSINESS_USE),
            day=day,
        ),
        _of_purpose(
            "B2B",
            part=facts.business,
            rest=facts.own_use,
            percent=policy.b2b_percent,
            purposes=(BUSINESS_USE, OWN_USE),
            day=day,
        ),
    ]


def _no_individual(facts: Facts) -> str:
    known = {PERSON: "individual.purposes", ORGANIZATION: "individual.organization"}
    return known.get(facts.party, "individual.unknown")


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _to_person(facts: Facts, policy: Policy, day: int) -> Flip:
    """Return the flip to INDIVIDUAL: be a person, and buy for own use until that is most."""
    party = None if facts.party == PERSON else PERSON
    if not kinds.buys_for_business(facts, policy):
        return Flip("become_person", party=party)
    more = -(-facts.business * 100 // policy.business_percent) - facts.own_use - facts.business
    says = "buy_own_use" if party is None else "become_person_and_buy"
    return Flip(says, purchases=max(more, 1), day=day, purpose=OWN_USE, party=party)


def _of_purpose(
    label: str, *, part: int, rest: int, percent: int, purposes: tuple[int, int], day: int
) -> Finding:
    """Return the finding of a share of the purchases; purposes: one that raises it, one that lowers it."""
    holds = kinds.reaches(part, part + rest, percent)
    more = gaining(part, part + rest, percent) if not holds else losing(part, part + rest, percent)
    purpose = purposes[1] if holds else purposes[0]
    says = "buy_own_use" if purpose == OWN_USE else "buy_business"
    return Finding(
        label,
        holds,
        rule_id=f"kind.{label.lower()}.purposes",
        measures=(share("own_use" if label == "B2C" else "for_business", part, part + rest, percent),),
        flip=Flip(says, purchases=more, day=day, purpose=purpose) if more else NEVER,
        says=f"{label.lower()}.{_yes(holds)}" if part + rest else "no_purpose",
    )


def retail_finding(facts: Facts, policy: Policy, day: int) -> Finding:
    """Return the RETAIL finding."""
    stated, percent = facts.direct + facts.partner, policy.retail_percent
    holds = kinds.is_retail(facts, policy)
    more = losing(facts.direct, stated, percent) if holds else gaining(facts.direct, stated, percent)
    path = THROUGH_PARTNER if holds else DIRECT
    says = "buy_direct" if path == DIRECT else "buy_through_partner"
    return Finding(
        "RETAIL",
        holds,
        rule_id="kind.retail.direct",
        measures=(share("direct", facts.direct, stated, percent),),
        flip=Flip(says, purchases=more, day=day, sales_path=path) if more else NEVER,
        says=f"retail.{_yes(holds)}" if stated else "no_sales_path",
    )


def gaining(part: int, whole: int, percent: int) -> int:
    """Return how many more purchases raise a share to so many percent; 0 where no number does."""
    lacking = percent * whole - 100 * part
    if lacking > 0 and percent == 100:
        return 0
    return max(-(-lacking // (100 - percent)), 1) if lacking > 0 else 1


def losing(part: int, whole: int, percent: int) -> int:
    """Return how many other purchases lower a share below so many percent."""
    return max(100 * part // percent + 1 - whole, 1)


def staying_findings(facts: Facts, policy: Policy, day: int) -> list[Finding]:
    """Return the findings of BUYER and CLIENT, and the step between them."""
    client, buyer = kinds.is_client(facts, policy), kinds.is_buyer(facts, policy)
    measures = (
        number("purchase_days", len(facts.days), policy.client_purchase_days, "days"),
        number("reachable", int(facts.reachable), 1, ""),
        number("preferences", int(facts.prefers), 1, ""),
    )
    step, back = _to_client(facts, policy, day), _to_buyer(facts, policy, day)
    told = "client.preferences" if facts.prefers else "client.comes_back"
    return [
        Finding(
            "BUYER",
            buyer,
            rule_id="kind.buyer.no-client",
            measures=measures,
            flip=step if buyer else back,
            says="buyer.yes" if buyer else "buyer.client" if client else "no_purchase",
        ),
        Finding(
            "CLIENT",
            client,
            rule_id="kind.client.relation",
            measures=measures,
            flip=back if client else step,
            says=told if client else _no_client(facts, policy),
        ),
    ]


def _no_client(facts: Facts, policy: Policy) -> str:
    """Name the sentence of what is missing besides preferences: purchases, a contact, or both."""
    if not facts.days:
        return "no_purchase"
    if len(facts.days) >= policy.client_purchase_days:
        return "client.unreachable"
    return "client.few" if facts.reachable else "client.few_unreachable"


def _to_client(facts: Facts, policy: Policy, day: int) -> Flip:
    """Return the flip to CLIENT: a contact, a purchase, or stated preferences."""
    if facts.prefers:
        return Flip("buy", purchases=1, day=next_free_day(facts, day))
    missing = policy.client_purchase_days - len(facts.days)
    if missing <= 0:
        return Flip("add_contact", reachable=True)
    if facts.reachable:
        return Flip("buy", purchases=missing, day=next_free_day(facts, day))
    if not facts.days:
        return Flip("buy_and_state_preferences", purchases=1, day=next_free_day(facts, day), prefers=True)
    return Flip("state_preferences", prefers=True)


def _to_buyer(facts: Facts, policy: Policy, day: int) -> Flip:
    """Return the flip to BUYER: remove what makes a client; without purchases, buy once."""
    bought = bool(facts.days)
    contact = facts.reachable and max(len(facts.days), 1) >= policy.client_purchase_days
    says = ("drop" if contact or facts.prefers else "") + ("" if bought else "buy")
    return Flip(
        {"": "never", "drop": "drop", "buy": "buy", "dropbuy": "drop_and_buy"}[says],
        purchases=0 if bought else 1,
        day=day,
        reachable=False if contact else None,
        prefers=False if facts.prefers else None,
    )
