"""AES with a key of 256 bits, in chains of blocks (CBC): what sprig's `encryptAES` and `decryptAES` need.

Written for texts of a few kilobytes, not for speed or for secrets that a neighbour on the machine could time.
Source: FIPS 197; NIST SP 800-38A for the chaining.
"""

__all__ = ["BLOCK", "decrypt_cbc", "encrypt_cbc"]

BLOCK = 16
"""Bytes in a block."""
_ROUNDS = 14
_KEY_WORDS = 8


def _times_two(byte: int) -> int:
    """Multiplication by x in the field of 256 elements that AES counts in."""
    return (byte << 1 ^ 0x11B) & 0xFF if byte & 0x80 else byte << 1


def _tables() -> tuple[bytes, bytes]:
    """The substitution of bytes and its inverse: the reciprocal in the field, then a mixing of bits."""
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value ^= _times_two(value)  # 3 generates all elements but 0
    logarithms = {power: index for index, power in enumerate(powers)}
    forward = bytearray(256)
    for byte in range(256):
        reciprocal = powers[-logarithms[byte] % 255] if byte else 0
        mixed = 0x63
        for shift in range(5):
            mixed ^= (reciprocal << shift | reciprocal >> 8 - shift) & 0xFF
        forward[byte] = mixed
    backward = bytearray(256)
    for byte, substitute in enumerate(forward):
        backward[substitute] = byte
    return bytes(forward), bytes(backward)


_SUBSTITUTE, _RESTORE = _tables()


def _product(factor: int) -> bytes:
    """Every byte times `factor` in the field."""
    products = bytearray(256)
    for byte in range(256):
        result, power, rest = 0, byte, factor
        while rest:
            result ^= power if rest & 1 else 0
            power, rest = _times_two(power), rest >> 1
        products[byte] = result
    return bytes(products)


_BY_2, _BY_3, _BY_9, _BY_11, _BY_13, _BY_14 = (_product(factor) for factor in (2, 3, 9, 11, 13, 14))
# Where each byte of a block, column by column, comes from when the rows are shifted.
_SHIFT = bytes((column + row) % 4 * 4 + row for column in range(4) for row in range(4))
_UNSHIFT = bytes((column - row) % 4 * 4 + row for column in range(4) for row in range(4))


def _round_keys(key: bytes) -> list[bytes]:
    words = [key[index : index + 4] for index in range(0, 4 * _KEY_WORDS, 4)]
    constant = 1
    for index in range(_KEY_WORDS, 4 * (_ROUNDS + 1)):
        word = words[-1]
        if index % _KEY_WORDS == 0:
            word = (word[1:] + word[:1]).translate(_SUBSTITUTE)
            word = bytes((word[0] ^ constant,)) + word[1:]
            constant = _times_two(constant)
        elif index % _KEY_WORDS == 4:
            word = word.translate(_SUBSTITUTE)
        words.append(_xor(word, words[-_KEY_WORDS]))
    return [b"".join(words[index : index + 4]) for index in range(0, len(words), 4)]


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def _mixed(block: bytes) -> bytes:
    out = bytearray()
    for index in range(0, BLOCK, 4):
        a, b, c, d = block[index : index + 4]
        out += bytes((_BY_2[a] ^ _BY_3[b] ^ c ^ d, a ^ _BY_2[b] ^ _BY_3[c] ^ d))
        out += bytes((a ^ b ^ _BY_2[c] ^ _BY_3[d], _BY_3[a] ^ b ^ c ^ _BY_2[d]))
    return bytes(out)


def _unmixed(block: bytes) -> bytes:
    out = bytearray()
    for index in range(0, BLOCK, 4):
        a, b, c, d = block[index : index + 4]
        out.append(_BY_14[a] ^ _BY_11[b] ^ _BY_13[c] ^ _BY_9[d])
        out.append(_BY_9[a] ^ _BY_14[b] ^ _BY_11[c] ^ _BY_13[d])
        out.append(_BY_13[a] ^ _BY_9[b] ^ _BY_14[c] ^ _BY_11[d])
        out.append(_BY_11[a] ^ _BY_13[b] ^ _BY_9[c] ^ _BY_14[d])
    return bytes(out)


def _encrypted(block: bytes, keys: list[bytes]) -> bytes:
    block = _xor(block, keys[0])
    for key in keys[1:]:
        block = bytes(block[place] for place in _SHIFT).translate(_SUBSTITUTE)
        block = _xor(block if key is keys[-1] else _mixed(block), key)
    return block


def _decrypted(block: bytes, keys: list[bytes]) -> bytes:
    for key in keys[:0:-1]:
        block = _xor(block, key)
        block = block if key is keys[-1] else _unmixed(block)
        block = bytes(block[place] for place in _UNSHIFT).translate(_RESTORE)
    return _xor(block, keys[0])


def encrypt_cbc(key: bytes, start: bytes, data: bytes) -> bytes:
    """`data`, whole blocks, encrypted; `key` has 32 bytes and the initialization vector `start` 16."""
    keys, previous, out = _round_keys(key), start, []
    for index in range(0, len(data), BLOCK):
        previous = _encrypted(_xor(data[index : index + BLOCK], previous), keys)
        out.append(previous)
    return b"".join(out)


def decrypt_cbc(key: bytes, start: bytes, data: bytes) -> bytes:
    """What `encrypt_cbc` encrypted."""
    keys, previous, out = _round_keys(key), start, []
    for index in range(0, len(data), BLOCK):
        block = data[index : index + BLOCK]
        out.append(_xor(_decrypted(block, keys), previous))
        previous = block
    return b"".join(out)
