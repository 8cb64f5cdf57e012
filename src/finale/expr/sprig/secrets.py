"""sprig's cryptography: AES and derived passwords. What would need a library of its own is refused by name.

Source: sprig crypto.go; masterpasswordapp.com for `derivePassword`.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable

from finale.expr.functions.table import Run
from finale.expr.gotext import as_bytes, as_text
from finale.expr.govalues import Function
from finale.expr.sprig.aes import BLOCK, decrypt_cbc, encrypt_cbc
from finale.expr.sprig.chance import draw_bytes
from finale.expr.sprig.encodings import decode_base64
from finale.expr.sprig.table import entry

__all__ = ["SECRETS"]

# A block takes some 50 µs; the budget allows about 100 kB.
_WORK_PER_BLOCK = 8192

_SEED = b"com.lyndir.masterpassword"
_VOWELS, _CONSONANTS, _DIGITS = "aeiou", "bcdfghjklmnpqrstvwxyz", "0123456789"
_CHARACTERS = {
    "V": _VOWELS.upper(),
    "C": _CONSONANTS.upper(),
    "v": _VOWELS,
    "c": _CONSONANTS,
    "A": _VOWELS.upper() + _CONSONANTS.upper(),
    "a": _VOWELS.upper() + _VOWELS + _CONSONANTS.upper() + _CONSONANTS,
    "n": _DIGITS,
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": _VOWELS.upper() + _VOWELS + _CONSONANTS.upper() + _CONSONANTS + _DIGITS + "!@#$%^&*()",
}
_LONG = "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv "
_LONG += "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv "
_LONG += "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
_TEMPLATES = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": _LONG,
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}


def _key(password: str) -> bytes:
    return as_bytes(password)[:32].ljust(32, b"\0")


def _encrypt(run: Run, password: str, text: str) -> str:
    if not text:
        return ""
    data = as_bytes(text)
    run.spend(_WORK_PER_BLOCK * (len(data) // BLOCK + 1))
    padding = BLOCK - len(data) % BLOCK
    start = draw_bytes(run, BLOCK)
    return base64.b64encode(start + encrypt_cbc(_key(password), start, data + bytes([padding]) * padding)).decode(
        "ascii"
    )


def _decrypt(run: Run, password: str, text: str) -> str:
    if not text:
        return ""
    data = decode_base64(text)
    run.spend(_WORK_PER_BLOCK * (len(data) // BLOCK + 1))
    if len(data) < BLOCK:
        raise ValueError(f"runtime error: slice bounds out of range [:{BLOCK}] with capacity {len(data)}")
    if len(data) % BLOCK:
        raise ValueError("crypto/cipher: input not full blocks")
    if len(data) == BLOCK:
        raise ValueError("runtime error: index out of range [-1]")
    decrypted = decrypt_cbc(_key(password), data[:BLOCK], data[BLOCK:])
    if decrypted[-1] > len(decrypted):
        raise ValueError(f"runtime error: slice bounds out of range [:{len(decrypted) - decrypted[-1]}]")
    return as_text(decrypted[: len(decrypted) - decrypted[-1]])


def _sized(text: str) -> bytes:
    data = as_bytes(text)
    return len(data).to_bytes(4, "big") + data


def _derived(run: Run, counter: int, kind: str, password: str, user: str, site: str) -> str:
    """The password of a site, from one master password; the same each time."""
    if kind not in _TEMPLATES:
        return f"cannot find password template {kind}"
    run.spend(4 << 20)
    key = hashlib.scrypt(as_bytes(password), salt=_SEED + _sized(user), n=32768, r=8, p=2, dklen=64, maxmem=96 << 20)
    seed = hmac.digest(key, _SEED + _sized(site) + counter.to_bytes(4, "big"), "sha256")
    templates = _TEMPLATES[kind].split(" ")
    characters = (_CHARACTERS[letter] for letter in templates[seed[0] % len(templates)])
    return "".join(choice[byte % len(choice)] for choice, byte in zip(characters, seed[1:], strict=False))


def _refused(name: str, signature: str, why: str) -> tuple[str, Function]:
    def refuse(run: Run, *arguments: object) -> object:
        raise ValueError(f"sprig.{name} is not available here: {why}")

    call: Callable[..., object] = refuse
    return entry(name, signature, call)


_CERTIFICATE = "sprig.certificate"
_HASH = "it would need a library for bcrypt; hash the password in a task, with htpasswd or openssl"
_KEYS = "it would need a library for keys and certificates; make them in a task, with openssl"
_NETWORK = "an expression cannot use the network; look the name up in a task"
_SUBJECT = "string, []interface {}, []interface {}, int"

SECRETS: tuple[tuple[str, Function], ...] = (
    entry("encryptAES", "(string, string) (string, error)", _encrypt),
    entry("decryptAES", "(string, string) (string, error)", _decrypt),
    entry("derivePassword", "(uint32, string, string, string, string) string", _derived),
    _refused("bcrypt", "(string) string", _HASH),
    _refused("htpasswd", "(string, string) string", _HASH),
    _refused("genPrivateKey", "(string) string", _KEYS),
    _refused("buildCustomCert", f"(string, string) ({_CERTIFICATE}, error)", _KEYS),
    _refused("genCA", f"(string, int) ({_CERTIFICATE}, error)", _KEYS),
    _refused("genCAWithKey", f"(string, int, string) ({_CERTIFICATE}, error)", _KEYS),
    _refused("genSelfSignedCert", f"({_SUBJECT}) ({_CERTIFICATE}, error)", _KEYS),
    _refused("genSelfSignedCertWithKey", f"({_SUBJECT}, string) ({_CERTIFICATE}, error)", _KEYS),
    _refused("genSignedCert", f"({_SUBJECT}, {_CERTIFICATE}) ({_CERTIFICATE}, error)", _KEYS),
    _refused("genSignedCertWithKey", f"({_SUBJECT}, {_CERTIFICATE}, string) ({_CERTIFICATE}, error)", _KEYS),
    _refused("getHostByName", "(string) string", _NETWORK),
)
