"""Starts the state machine that makes a video of an upload: a video's own, or an animation among the photos."""

from heliograph import config, workflows


class MachineSettings(config.Settings):
    video_machine: str


def start(media_id: str, key: str) -> None:
    """Have the upload under `key` made a video. One execution for each media item, whatever comes twice."""
    workflows.start(config.read(MachineSettings).video_machine, media_id, {"mediaId": media_id, "key": key})
