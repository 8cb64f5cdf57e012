"""Names and ids of runs, nodes and pods, by Argo's rules; made from given entropy, never from a dice of their own."""

import hashlib

__all__ = ["FNV_START", "fnv1a", "name_suffix", "node_id", "pod_name", "uid_from"]

FNV_START = 2166136261
"""Offset basis of the 32-bit FNV-1a hash."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def fnv1a(text: str, start: int = FNV_START) -> int:
    """32-bit FNV-1a over the UTF-8 bytes of `text`; `start` continues an earlier hash (of a prefix)."""
    value = start
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def node_id(run_name: str, node_name: str) -> str:
    """Id of a node: the run's name for its root, else that name and the hash of the node's name.

    Source: argo-workflows ``Workflow.NodeID`` in pkg/apis/workflow/v1alpha1/workflow_types.go.
    """
    return run_name if node_name == run_name else f"{run_name}-{fnv1a(node_name)}"


def pod_name(run_name: str, node_name: str, template_name: str) -> str:
    """Argo's pod name, format v2; the prefix is cut so that the whole fits 253 bytes.

    Source: argo-workflows workflow/util/pod_name.go, ``GeneratePodName``.
    """
    if node_name == run_name:
        return run_name
    prefix = f"{run_name}-{template_name}" if template_name else run_name
    return f"{prefix[:242]}-{fnv1a(node_name)}"


def uid_from(entropy: bytes) -> str:
    """A random (version 4) UUID in text form made of the first 16 bytes of `entropy`."""
    raw = bytearray(entropy[:16])
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def name_suffix(entropy: bytes, length: int = 5) -> str:
    """The random part that `generateName` gets: `length` characters of ``[a-z0-9]``."""
    digest = hashlib.sha256(entropy).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:length])
