"""A small interpreter of classic BPF, as the kernel runs it for a system-call filter."""

from __future__ import annotations

import struct

ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000


def run(
    program: bytes, audit: int, number: int, arguments: tuple[int, ...] = (), place: int = 0
) -> int:
    """What the filter answers to a call; an illegal program raises."""
    filled = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("<iIQ6Q", number, audit, 0, *(a & (1 << 64) - 1 for a in filled))
    steps = [struct.unpack_from("<HBBI", program, 8 * k) for k in range(len(program) // 8)]
    register = 0
    while True:
        code, if_true, if_false, k = steps[place]
        place += 1
        match code:
            case 0x20:
                assert (k % 4, k + 4 <= len(data)) == (0, True)
                (register,) = struct.unpack_from("<I", data, k)
            case 0x15:
                place += if_true if register == k else if_false
            case 0x35:
                place += if_true if register >= k else if_false
            case 0x06:
                return k
            case _:
                raise AssertionError(f"an instruction that the filter does not use: {code:#x}")
