"""A run on an existing Dask scheduler: the same job, its files sent along, its results written here.

A task holds what the intake has taken in, as bytes, the settings and the submission's seed; the secret and
the names of others stay here.  What a worker of the cluster loses is done again by another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lawbook import __version__
from lawbook.classes import job, packing, remote
from lawbook.classes.folder import Folder
from lawbook.classes.run import State, Told
from lawbook.classes.scratch import scratch
from lawbook.intake import HandIn, NotTaken, TakenIn, take_in
from lawbook.profiles import COURSES
from lawbook.seeds import Seeds
from lawbook.settings import Settings
from lawbook.submissions import NotGradable

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 5.0  # seconds to reach the scheduler
AHEAD = 3  # tasks on their way for each thread of the cluster


def run_on_cluster(
    hand_ins: Sequence[HandIn],
    settings: Settings,
    seeds: Seeds,
    folder: Folder,
    address: str,
    retry: bool,
    told: Told,
) -> State:
    """Judge the hand-ins on the scheduler's workers; what is interrupted is cancelled there."""
    state = State(len(hand_ins))
    adapter = None if settings.course in ("auto", *COURSES) else Path(settings.course).read_text()
    with scratch() as place, _connected(address) as client:
        from distributed import as_completed

        waiting = iter(enumerate(hand_ins))
        ended = as_completed(loop=client.loop)
        futures: dict[Any, tuple[int, str]] = {}

        def send() -> bool:
            """Send the next one that is not done already; whether there was one."""
            for index, hand_in in waiting:
                prepared = _prepared(hand_in, settings, seeds, folder, retry, place / f"{index}")
                if "task" not in prepared:
                    state.done[index] = prepared["summary"]
                    told(state, index)
                    continue
                task = prepared["task"] | {"adapter": adapter}
                future = client.submit(remote.do, task, pure=False, retries=1)
                futures[future] = index, prepared["key"]
                ended.add(future)
                return True
            return False

        threads = sum(client.nthreads().values()) or 1
        while len(futures) < AHEAD * threads and send():
            pass
        for future in ended:
            index, key = futures.pop(future)
            if future.status in ("cancelled", "lost"):
                raise NotGradable(
                    f"the scheduler at {address} is gone; what is judged is kept in {folder.path}: "
                    "the same command goes on there"
                )
            state.done[index] = _received(hand_ins[index], future, folder, key)
            future.release()
            told(state, index)
            send()
    return state


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """A client of the scheduler; NotGradable where there is none, or its workers have another Lawbook."""
    try:
        from distributed import Client
    except ImportError:
        raise NotGradable("--cluster needs Dask: pip install 'lawbook[cluster]'") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise NotGradable(f"the scheduler at {address} cannot be reached: {reason}") from None
    try:
        try:
            found = client.run(remote.version)
        except Exception as error:  # whatever their Python raises
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:100]
            raise NotGradable(f"the workers at {address} cannot run Lawbook: {reason}") from None
        if not found:
            raise NotGradable(f"the scheduler at {address} has no workers")
        others = sorted({f"{other!r:.40}" for other in found.values() if other != __version__})
        if others:
            raise NotGradable(
                f"the workers at {address} have Lawbook {', '.join(others)}, here it is {__version__}"
            )
        yield client
    finally:
        client.close(timeout=PATIENCE)


def _prepared(
    hand_in: HandIn, settings: Settings, seeds: Seeds, folder: Folder, retry: bool, into: Path
) -> dict[str, Any]:
    """The task for a hand-in, or the summary of what it has come to without one."""
    from lawbook.judge.scratch import remove_tree

    into.mkdir()
    try:
        try:
            taken: TakenIn | NotTaken = take_in(hand_in, into)
        except NotTaken as error:
            taken = error
        key = job.key_of(hand_in, taken, settings)
        stored = folder.stored(hand_in.name)
        if stored and stored["key"] == key and not (retry and job.is_to_retry(stored)):
            return {"summary": job.summary(stored, kept=True)}
        if isinstance(taken, NotTaken):
            return {"summary": job.finish(hand_in, folder, [job.not_taken(hand_in, taken)], key)}
        same = stored is not None and stored["key"] == key
        seed = job.seed_of(stored) if stored and same else seeds.of(taken.digest)
        task = {
            "hand_in": _sent(hand_in),
            "files": packing.pack(taken.root),
            "digest": taken.digest,
            "notes": list(taken.notes),
            "seed": seed,
            "settings": settings.as_json(),
        }
        return {"task": task, "key": key}
    except packing.Unpackable as error:
        return {"summary": job.give_up(hand_in, folder, str(error))}
    finally:
        remove_tree(into)


def _received(hand_in: HandIn, future: Any, folder: Folder, key: str) -> job.Summary:
    """Write what has come of a task."""
    if future.status != "finished":
        error = future.exception()
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return job.give_up(hand_in, folder, f"the cluster could not judge it: {reason}")
    return job.finish(hand_in, folder, future.result(), key)


def _sent(hand_in: HandIn) -> dict[str, Any]:
    student = hand_in.student.as_json() if hand_in.student else None
    place = str(hand_in.source), hand_in.inside
    return {"name": hand_in.name, "source": place[0], "inside": place[1], "student": student}
