"""Which mailboxes are the account's own: by their role, and where a server gives none, by a name that leaves no doubt.

A role (RFC 8621 section 2) is what a server says a mailbox is for. Not every server says it, and mail programs make a
second "Deleted Items" beside the trash that the server knows. To take such a name for what it says costs nothing: the
mail in there stays where it is. Not to take it brings deleted mail back.
"""

from typing import Final

from mailroom.core.names import normalized

TRASH: Final = "trash"
JUNK: Final = "junk"
NEVER_SWEPT: Final = frozenset({TRASH, JUNK, "drafts", "sent"})
"""The roles of mailboxes whose mail stays where it is, whoever sent it."""

_NAMES: Final = {
    TRASH: """
        Trash, Trash Can, Bin, Rubbish, Rubbish Bin, Recycle Bin, Wastebasket, Deleted, Deleted Items, Deleted Mail,
        Deleted Messages, Papierkorb, Mülleimer, Gelöscht, Gelöschte Elemente, Gelöschte Objekte, Gelöschte Nachrichten,
        Gelöschte E-Mails, Corbeille, Poubelle, Éléments supprimés, Messages supprimés, Courrier supprimé, Papelera,
        Papelera de reciclaje, Eliminados, Elementos eliminados, Mensajes eliminados, Correo eliminado, Paperera,
        Elements suprimits, Cestino, Posta eliminata, Elementi eliminati, Messaggi eliminati, Prullenbak, Prullenmand,
        Verwijderd, Verwijderde items, Verwijderde berichten, Kosz, Usunięte, Elementy usunięte, Lixo, Lixeira,
        Itens excluídos, Itens eliminados, Mensagens excluídas, Papirkurv, Slettet post, Slettede elementer,
        Slettede meldinger, Slettede mails, Papperskorg, Papperskorgen, Borttaget, Borttagna objekt, Roskakori,
        Poistetut, Poistetut viestit, Koš, Odstraněná pošta, Smazané, Kôš, Odstránená pošta, Kuka, Lomtár,
        Törölt elemek, Törölt üzenetek, Coș de gunoi, Elemente șterse, Otpad, Smeće, Izbrisano, Izbrisane stavke,
        Кошче, Изтрити, Корзина, Удаленные, Удалённые, Удаленные элементы, Удалённые письма, Кошик, Видалені,
        Κάδος, Κάδος απορριμμάτων, Διαγραμμένα, Çöp, Çöp Kutusu, Silinmiş Öğeler, Silinenler,
        ごみ箱, ゴミ箱, 削除済み, 削除済みアイテム, 已删除, 已删除邮件, 已删除邮件夹, 回收站, 垃圾桶, 垃圾箱,
        刪除的郵件, 휴지통, 지운 편지함, 삭제된 항목, אשפה, פריטים שנמחקו, سلة المهملات, العناصر المحذوفة,
        ถังขยะ, Thùng rác, Sampah
    """,
    JUNK: """
        Junk, Junk Mail, Junk E-Mail, Junk Email, Junk Messages, Spam, Spam Mail, Bulk, Bulk Mail, Spamverdacht,
        Unerwünscht, Unerwünschte Werbung, Unerwünschte Mails, Unerwünschte E-Mails, Werbemüll, Courrier indésirable,
        Courriers indésirables, Indésirable, Indésirables, Pourriel, Pourriels, Correo no deseado, No deseado,
        Correo basura, Correu brossa, Posta indesiderata, Indesiderata, Ongewenst, Ongewenste e-mail, Ongewenste mail,
        Ongewenste reclame, Niechciane, Wiadomości-śmieci, Wiadomości śmieci, Lixo eletrônico, Lixo eletrónico,
        Correio não solicitado, Uønsket, Uønsket mail, Uønsket e-mail, Uønsket post, Søppelpost, Skräppost, Skräp,
        Roskaposti, Nevyžádaná pošta, Nevyžiadaná pošta, Levélszemét, Mesaje nedorite, Neželjena pošta, Нежелана поща,
        Нежелательная почта, Спам, Небажана пошта, Ανεπιθύμητα, Ανεπιθύμητη αλληλογραφία, Gereksiz, Gereksiz E-posta,
        İstenmeyen, İstenmeyen Posta, 迷惑メール, 垃圾邮件, 垃圾郵件, 广告邮件, 스팸, 스팸메일함, 정크 메일, דואר זבל,
        البريد غير الهام, البريد العشوائي, อีเมลขยะ, Thư rác
    """,
}


def plain_role(name: str) -> str | None:
    """The role that a name tells by itself, in any case; None for a name that may mean anything."""
    return _ROLES.get(_folded(name))


def _folded(name: str) -> str:
    """A name as people read it: `Junk-E-Mail`, `junk e-mail` and `Junk_E_Mail` are one."""
    return " ".join(normalized(name).casefold().replace("-", " ").replace("_", " ").split())


_ROLES: Final = {_folded(name): role for role, names in _NAMES.items() for name in names.split(",")}
