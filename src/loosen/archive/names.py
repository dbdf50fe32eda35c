"""What looks like people's names and mail addresses, where pseudonyms belong."""

from __future__ import annotations

import re

MAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
BETWEEN = re.compile(r"[\s,_]+|\.(?=[^\W\d_])")
NUMBERS = re.compile(r"[\s,_.-]+\d[\d\s_.-]*$")
# Words of a name that are written small, and words of folders, files and exercises that are no name's.
_SMALL = "al bin da de del den der di dos du el la le ten ter van von y zu"
_ORDINARY = """
a after all and application arches at back bad before best camera center centre clinic clip clips copy data day
days desktop disk documents done downloads drive evening exercise exercises fast files final first folder for
friday front full get good group home hospital in last lazy left leg legs lower media monday month morning
movement movements movies my new of old on one out patient patients person persons phone physio physiotherapy
pictures practice program programs public raise raw reach record recording recordings rehab results right roll
roof room saturday second session sessions set shared side sky slow spine step studio sunday support take team
test the thursday to track tracks training trial tuesday two up upper user users video videos visit walk
wednesday week weeks with
"""
SMALL, ORDINARY = frozenset(_SMALL.split()), frozenset(_ORDINARY.split())


def looks_like_name(text: str, *, of_person: bool = False) -> bool:
    """Whether a text looks like a person's name, or has a mail address in it. `of_person`: it says who a person is.

    A judgement, that is wrong now and then. A name is two to four words of letters, perhaps with hyphens and
    apostrophes: with a comma between them (Muster,Anna); with spaces, each with a capital (Anna-Lena Muster, Hans
    von Berg), or of a person in any case (anna muster); with underscores, each with a capital and the rest small
    (Anna_Muster); or two with one dot (anna.muster). Numbers at the end are let go (Anna_Muster_01). With another
    digit in it (p01, 2026-11-02), or a word that folders and exercises are called by (reach_sky_good, Back Arches),
    it is none. One word is taken for a pseudonym (Anna), and so are words with hyphens only (Anna-Muster,
    back-arches), for pseudonyms are often made so.
    """
    if MAIL.search(text):
        return True
    text = NUMBERS.sub("", text.strip())
    words = [word for word in BETWEEN.split(text) if word]
    if not 2 <= len(words) <= 4 or not all(map(WORD.fullmatch, words)):
        return False
    if any(word.lower() in ORDINARY for word in words):
        return False
    if "," in text:
        return True
    capitals = all(not word[0].islower() or word in SMALL for word in words)
    if "_" in text:
        return capitals and any(letter.islower() for letter in text)
    if any(sign.isspace() for sign in text):
        return capitals or of_person
    return len(words) == 2 and min(map(len, words)) > 1
