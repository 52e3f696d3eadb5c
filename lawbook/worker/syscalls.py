"""The system calls that NumPy code needs, by name and number.

Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.  What is not
here is refused: no new process or thread, no socket, no signal to others, no chmod or link, no shared memory.
"""

from __future__ import annotations

PLAIN = {  # name: (x86_64, aarch64); -1 where an architecture has no such call
    "read": (0, 63), "write": (1, 64), "open": (2, -1), "close": (3, 57), "stat": (4, -1),
    "fstat": (5, 80), "lstat": (6, -1), "poll": (7, -1), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "pread64": (17, 67), "pwrite64": (18, 68),
    "readv": (19, 65), "writev": (20, 66), "access": (21, -1), "pipe": (22, -1), "select": (23, -1),
    "sched_yield": (24, 124), "mremap": (25, 216), "msync": (26, 227), "madvise": (28, 233),
    "dup": (32, 23), "dup2": (33, -1), "pause": (34, -1), "nanosleep": (35, 101),
    "getitimer": (36, 102), "alarm": (37, -1), "setitimer": (38, 103), "getpid": (39, 172),
    "sendto": (44, 206), "recvfrom": (45, 207), "exit": (60, 93), "uname": (63, 160),
    "ftruncate": (77, 46), "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50),
    "rename": (82, -1), "mkdir": (83, -1), "rmdir": (84, -1), "unlink": (87, -1),
    "readlink": (89, -1), "umask": (95, 166), "gettimeofday": (96, 169), "getrlimit": (97, 163),
    "getrusage": (98, 165), "sysinfo": (99, 179), "times": (100, 153), "getuid": (102, 174),
    "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173),
    "getpgrp": (111, -1), "getgroups": (115, 158), "getpgid": (121, 155), "getsid": (124, 156),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132), "arch_prctl": (158, -1), "gettid": (186, 178), "time": (201, -1),
    "futex": (202, 98), "sched_getaffinity": (204, 123), "getdents64": (217, 61),
    "set_tid_address": (218, 96), "restart_syscall": (219, 128), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "exit_group": (231, 94),
    "openat": (257, 56), "mkdirat": (258, 34), "newfstatat": (262, 79), "unlinkat": (263, 35),
    "renameat": (264, 38), "readlinkat": (267, 78), "faccessat": (269, 48), "pselect6": (270, 72),
    "ppoll": (271, 73), "set_robust_list": (273, 99), "dup3": (292, 24), "pipe2": (293, 59),
    "preadv": (295, 69), "pwritev": (296, 70), "getcpu": (309, 168), "renameat2": (316, 276),
    "getrandom": (318, 278), "statx": (332, 291), "rseq": (334, 293), "close_range": (436, 436),
    "faccessat2": (439, 439),
}  # fmt: skip
FCNTL = (0, 1, 2, 3, 4, 1030, 1032, 1034)  # duplicate, flags, size and seals; no locks, no owners
IOCTL = (
    0x5401,
    0x5413,
    0x541B,
    0x5450,
    0x5451,
    0x5421,
    0x802C542A,
)  # what asks of a terminal or pipe
PRCTL = (3, 15, 16, 21, 23, 27, 39, 0x53564D41)  # questions, and names of threads and of memory


class Checked:
    """A call that is allowed if argument `argument` (its lower half) is one of `values`.

    "self" stands for the process's own number.  Argument `null`, where given, must be 0.
    """

    def __init__(
        self,
        numbers: tuple[int, int],
        argument: int,
        values: tuple[int | str, ...],
        null: int | None = None,
    ) -> None:
        self.numbers, self.argument, self.values, self.null = numbers, argument, values, null


CHECKED = {
    "fcntl": Checked((72, 25), 1, FCNTL),
    "ioctl": Checked((16, 29), 1, IOCTL),
    "prctl": Checked((157, 167), 0, PRCTL),
    "kill": Checked((62, 129), 0, ("self",)),
    "tkill": Checked((200, 130), 0, ("self",)),
    "tgkill": Checked((234, 131), 0, ("self",)),
    "prlimit64": Checked((302, 261), 0, (0, "self"), null=2),
}
CLONE3 = 435  # "no such call" makes the C library fall back to clone, whose refusal it reports
