"""Who writes to the made-up account, and what about."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["letter", "shop", "person", "parcel", "advert"]

OWNER: Final = {"name": "You", "email": "you@example.com"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who writes mails of one kind."""

    kind: Kind
    name: str
    address: str


SENDERS: Final = (
    Sender("letter", "The Tidewater Letter", "editor@tidewater.example"),
    Sender("letter", "Slow Bread Weekly", "hello@slowbread.example"),
    Sender("letter", "Type & Paper", "news@typeandpaper.example"),
    Sender("letter", "Orbit Digest", "digest@orbit.example"),
    Sender("letter", "Zoë in the Garden", "notes@garden.example"),
    Sender("letter", "Maps Monthly", "maps@monthly.example"),
    Sender("letter", "Quiet Machines", "letters@quiet-machines.example"),
    Sender("letter", "Local Library", "newsletter@library.example.org"),
    Sender("shop", "Corner Books", "orders@cornerbooks.example"),
    Sender("shop", "Lamp & Bulb", "Billing@LampAndBulb.example"),
    Sender("shop", "Northern Rail", "tickets@northern-rail.example"),
    Sender("shop", "City Water Works", "invoice@water.example.org"),
    Sender("shop", "Hosting Hut", "accounts@hostinghut.example"),
    Sender("shop", "Green Grocer", "receipts@greengrocer.example"),
    Sender("shop", "Phone Company", "bill+2291@phone.example"),
    Sender("shop", "Insurance Desk", "policy.desk@insurance.example"),
    Sender("person", "Alice Example", "alice@example.com"),
    Sender("person", "Bob Example", "bob.example@example.org"),
    Sender("person", "Carol Example", "Carol@Example.net"),
    Sender("person", "", "dave@example.net"),
    Sender("person", "Chess Club", "board@chess.example.org"),
    Sender("person", "Neighbour at No. 12", "no12@street.example"),
    Sender("person", "School Office", "office@school.example.org"),
    Sender("person", "Dentist", "practice@dentist.example"),
    Sender("parcel", "Parcel Post", "no-reply@parcels.example"),
    Sender("parcel", "Speedy Van", "track@speedyvan.example"),
    Sender("parcel", "Bike Couriers", "dispatch@couriers.example"),
    Sender("parcel", "Pick-up Point", "pickup@corner.example"),
    Sender("advert", "Mega Outlet", "deals@mega-outlet.example"),
    Sender("advert", "Shoe Planet", "SALE@shoeplanet.example"),
    Sender("advert", "Travel Bargains", "offers@travel.example"),
    Sender("advert", "Wine Cellar", "cellar@wine.example"),
    Sender("advert", "Gadget Hub", "promo@gadgets.example"),
    Sender("advert", "Prize Department", "winner@prizes.example"),
    Sender("advert", "Loans Today", "apply@loans.example"),
    Sender("advert", "SEO Experts", "rank@seo.example"),
)

SUBJECTS: Final[dict[Kind, tuple[str, ...]]] = {
    "letter": ("Issue {n}: what we read this week", "No. {n}: slow news", "Letter {n}", "{n} links for the weekend"),
    "shop": ("Your receipt {n}", "Invoice {n} is ready", "Order {n} confirmed", "Payment {n} received"),
    "person": ("Saturday?", "Re: the photos", "A question", "Minutes of the meeting", "Lunch at {hour}?"),
    "parcel": ("Invocations {n} is on its way", "Delivered: {n}", "We missed you", "Your parcel arrives at {hour}"),
    "advert": ("Only today: {percent} % off", "Last chance!", "{n} new offers for you", "We miss you"),
}
TEXTS: Final[dict[Kind, str]] = {
    "letter": "Good morning,\n\nhere is what we found for you this week.\n",
    "shop": "Thank you for your order. You find the details in your account.\n",
    "person": "Hi,\n\ndo you have a minute this week?\n",
    "parcel": "Your parcel has left our depot. You can follow it online.\n",
    "advert": "Prices as low as never before. Offer ends at midnight.\n",
}
