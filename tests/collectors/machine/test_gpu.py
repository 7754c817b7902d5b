from __future__ import annotations

from pathlib import Path

import pytest

from collectors.machine.gpu import DrmMeter, GpuLoad, meters
from tests.collectors.machine.folders import process, write

GPU = "0000:03:00.0"


@pytest.fixture
def proc(tmp_path: Path):
    """A /proc in which programs draw; each call says what one client of theirs has used so far."""

    def draws(pid: int, name: str, client: int, fields: dict[str, str], device: str = "/dev/dri/renderD128") -> Path:
        folder = process(tmp_path, pid, name)
        (folder / "fd").mkdir(exist_ok=True)
        link = folder / "fd" / str(client)
        if not link.is_symlink():
            link.symlink_to(device)
        reported = {"pos": "0", "drm-driver": "amdgpu", "drm-client-id": str(client), "drm-pdev": GPU, **fields}
        write(folder / "fdinfo", {str(client): "\n".join(f"{key}:\t{value}" for key, value in reported.items())})
        return tmp_path

    return draws


def test_the_first_reading_tells_nothing_yet(proc):
    assert DrmMeter(proc(7, "game", 1, {"drm-engine-gfx": "5 ns"})).read(0.0) is None


def test_the_load_is_that_of_the_busiest_engine_and_the_culprit_its_user(proc):
    proc(7, "game", 1, {"drm-engine-gfx": "0 ns", "drm-engine-dec": "0 ns"})
    meter = DrmMeter(proc(8, "browser", 2, {"drm-engine-gfx": "1000 ns"}))
    meter.read(0.0)
    proc(7, "game", 1, {"drm-engine-gfx": "1200000000 ns", "drm-engine-dec": "100000000 ns"})
    proc(8, "browser", 2, {"drm-engine-gfx": "300001000 ns"})
    assert meter.read(2.0) == GpuLoad(75.0, "game")


def test_an_engine_that_there_are_two_of_is_half_busy_with_one(proc):
    engine = {"drm-engine-capacity-video": "2"}
    meter = DrmMeter(proc(7, "film", 1, {"drm-engine-video": "0 ns", **engine}))
    meter.read(0.0)
    proc(7, "film", 1, {"drm-engine-video": "1000000000 ns", **engine})
    assert meter.read(1.0) == GpuLoad(50.0, "film")


def test_a_driver_that_counts_cycles_is_read_too(proc):
    meter = DrmMeter(proc(7, "game", 1, {"drm-cycles-rcs": "100", "drm-total-cycles-rcs": "1000"}))
    meter.read(0.0)
    proc(7, "game", 1, {"drm-cycles-rcs": "400", "drm-total-cycles-rcs": "2000"})
    assert meter.read(7.0) == GpuLoad(30.0, "game")


def test_a_client_that_two_processes_hold_counts_once(proc):
    proc(7, "game", 1, {"drm-engine-gfx": "0 ns"})
    meter = DrmMeter(proc(8, "game", 1, {"drm-engine-gfx": "0 ns"}))
    meter.read(0.0)
    proc(7, "game", 1, {"drm-engine-gfx": "400000000 ns"})
    proc(8, "game", 1, {"drm-engine-gfx": "400000000 ns"})
    assert meter.read(1.0) == GpuLoad(40.0, "game")


def test_where_nobody_draws_there_is_no_culprit(proc):
    meter = DrmMeter(proc(7, "shell", 1, {}, device="/dev/pts/0"))
    meter.read(0.0)
    assert meter.read(1.0) == GpuLoad(0.0, None)


@pytest.mark.parametrize(
    "fields",
    [{"drm-engine-gfx": "garbage"}, {"drm-engine-gfx": ""}, {"drm-client-id": ""}, {"drm-cycles-rcs": "9"}],
)
def test_what_cannot_be_read_counts_as_nothing(proc, fields: dict[str, str]):
    meter = DrmMeter(proc(7, "game", 1, fields))
    meter.read(0.0)
    assert meter.read(1.0) == GpuLoad(0.0, None)


def test_counts_that_went_back_count_as_nothing(proc):
    meter = DrmMeter(proc(7, "game", 1, {"drm-engine-gfx": "900 ns"}))
    meter.read(0.0)
    proc(7, "game", 1, {"drm-engine-gfx": "100 ns"})
    assert meter.read(1.0) == GpuLoad(0.0, None)


def test_the_kernels_meter_is_there_with_a_node_to_draw_on(tmp_path: Path):
    assert not any(isinstance(meter, DrmMeter) for meter in meters(tmp_path))
    (tmp_path / "renderD128").mkdir()
    assert any(isinstance(meter, DrmMeter) for meter in meters(tmp_path))


def test_the_meters_of_this_machine_can_be_read():
    for meter in meters():
        load = meter.read(0.0)
        assert load is None or 0.0 <= load.percent <= 100.0
