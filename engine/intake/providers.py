"""Who runs a mailbox, and which domains are slips of the finger: two tables, nothing guessed."""

from collections.abc import Mapping
from typing import Final

DOMAINS: Final[Mapping[str, str]] = {
    "gmail": "gmail.com googlemail.com",
    "yandex": "yandex.ru ya.ru yandex.com yandex.by yandex.kz yandex.ua yandex.uz narod.ru",
    "mail.ru": "mail.ru inbox.ru list.ru bk.ru internet.ru xmail.ru",
    "rambler": "rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru rambler.ua",
    "outlook": (
        "outlook.com hotmail.com live.com msn.com outlook.de outlook.fr outlook.es outlook.it "
        "outlook.com.br outlook.jp hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it "
        "hotmail.com.br live.co.uk live.de live.fr live.it live.nl live.ru"
    ),
    "yahoo": (
        "yahoo.com ymail.com rocketmail.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it "
        "yahoo.ca yahoo.com.br yahoo.com.au yahoo.co.in yahoo.in yahoo.co.jp myyahoo.com"
    ),
    "icloud": "icloud.com me.com mac.com",
    "aol": "aol.com aim.com aol.de aol.fr aol.co.uk",
    "proton": "proton.me protonmail.com protonmail.ch pm.me",
    "tuta": "tuta.com tutanota.com tutanota.de tutamail.com tuta.io keemail.me",
    "fastmail": "fastmail.com fastmail.fm",
    "zoho": "zoho.com zohomail.com zoho.eu",
    "gmx": "gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.fr gmx.co.uk gmx.us",
    "web.de": "web.de",
    "t-online": "t-online.de magenta.de",
    "freenet": "freenet.de",
    "orange": "orange.fr wanadoo.fr",
    "free": "free.fr",
    "sfr": "sfr.fr neuf.fr",
    "laposte": "laposte.net",
    "libero": "libero.it iol.it inwind.it",
    "virgilio": "virgilio.it tin.it alice.it",
    "seznam": "seznam.cz email.cz post.cz",
    "wp": "wp.pl o2.pl tlen.pl",
    "onet": "onet.pl op.pl onet.eu vp.pl poczta.onet.pl",
    "interia": "interia.pl interia.eu poczta.fm",
    "ukr.net": "ukr.net",
    "i.ua": "i.ua ua.fm",
    "tut.by": "tut.by",
    "mail.kz": "mail.kz",
    "comcast": "comcast.net xfinity.com",
    "att": "att.net sbcglobal.net bellsouth.net",
    "verizon": "verizon.net",
    "bt": "btinternet.com btopenworld.com",
    "qq": "qq.com foxmail.com vip.qq.com",
    "netease": "163.com 126.com yeah.net vip.163.com",
    "sina": "sina.com sina.cn",
    "naver": "naver.com",
    "daum": "daum.net hanmail.net",
    "rediff": "rediffmail.com",
    "uol": "uol.com.br bol.com.br",
}
"""Provider and its domains. Whoever keeps mail on a domain of their own has no entry."""

TYPOS: Final[Mapping[str, str]] = {
    "gmail.com": (
        "gmial.com gmai.com gmal.com gmali.com gmaill.com gnail.com gamil.com gmail.co gmail.cm "
        "gmail.con gmail.om gmail.vom gmail.comm gmail.ru gmil.com gmaik.com gmail.cpm hmail.com "
        "gmailcom.com gemail.com gmai.ru"
    ),
    "yandex.ru": (
        "yandx.ru yadnex.ru yandex.tu yandex.ry yandex.r yanex.ru yndex.ru yansex.ru jandex.ru "
        "yandeks.ru yandex.eu ayndex.ru"
    ),
    "mail.ru": "mial.ru maul.ru mail.tu mail.ry mail.r meil.ru maill.ru mali.ru mai.ru amil.ru",
    "rambler.ru": "ramler.ru rambller.ru rambler.tu ramber.ru",
    "hotmail.com": (
        "hotmial.com hotmal.com hotmai.com hotmil.com hotmaill.com hotnail.com homail.com "
        "hotmail.co hotmail.con hotmail.cm"
    ),
    "outlook.com": "outlok.com outloo.com outlook.co outlook.con oulook.com outlool.com",
    "yahoo.com": "yaho.com yahooo.com yhoo.com yahho.com yahoo.co yahoo.con yahoo.cm yaoo.com",
    "icloud.com": "iclod.com icoud.com iclould.com icloud.co icloud.con icluod.com iclud.com",
    "web.de": "wbe.de web.dee",
    "gmx.de": "gxm.de gmx.dee",
}
"""What was probably meant, and how it is mistyped. `gmail.ru` exists, and nearly nobody has it."""


def _inverted(table: Mapping[str, str]) -> Mapping[str, str]:
    return {domain: name for name, domains in table.items() for domain in domains.split()}


BY_DOMAIN: Final = _inverted(DOMAINS)

MEANT: Final = _inverted(TYPOS)
