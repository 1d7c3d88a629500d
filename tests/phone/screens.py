"""Where the phone's screens are, and how to tell that one is shown."""

from clientela_lab.phone.ui_driver import UiDriver

#: The screen's name, its place, and what is there once it is drawn.
_PLACES = {
    "customers": ("customers", ".row"),
    "customer": ("customers/blue-door", ".total"),
    "standing": ("customers/blue-door/standing", ".stage"),
    "reasons": ("customers/blue-door/standing", ".folded"),
    "segments": ("segments", ".row"),
    "members": ("segments/everybody", ".face"),
    "sale": ("sale/blue-door", ".line"),
    "who": ("sale", ".row"),
    "receipt": ("", ".slip"),
    "outbox": ("outbox", ".item"),
    "conflict": ("", ".sides"),
    "new": ("new", ".form"),
    "edit": ("customers/blue-door/edit", ".form"),
    "settings": ("settings", ".meter"),
    "signin": ("signin", ".signin"),
}
SCREENS = tuple(_PLACES)
#: All reasons at once, also of what does not hold.
_UNFOLD = "() => document.querySelectorAll('details').forEach(each => { each.open = true; })"
_STILL = """() => Promise.all(document.getAnimations()
  .filter(each => each.effect.getTiming().iterations === 1).map(each => each.finished))
  .then(() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  .then(() => 1)"""


def still(hand: UiDriver) -> None:
    """Wait until what is drawn has come to rest."""
    hand.page.evaluate(_STILL)


def show(hand: UiDriver, screen: str) -> None:
    """Go to a screen, and wait until it is drawn and stands still."""
    place, drawn = _PLACES[screen]
    if screen == "receipt":
        place = f"receipt/{hand.outbox()[0]['requestId']}"
    if screen == "conflict":
        [item] = [item for item in hand.outbox() if item["kind"] == "edit"]
        place = f"conflict/{item['seq']}"
    hand.go(place)
    hand.page.wait_for_selector(drawn)
    if screen == "reasons":
        hand.page.evaluate(_UNFOLD)
    still(hand)
