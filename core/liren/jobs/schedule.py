# SPDX-License-Identifier: Apache-2.0
"""When a job is due. Pure: street time in, yes or no out."""

from datetime import datetime, timedelta

from liren.plugins.types import Job


def due(job: Job, last: datetime, now: datetime) -> bool:
    """Whether ``job`` has to run now. A time missed while the server was off is made up for once.

    :param last: when it last began, or when the server started where it never ran; both in street time
    """
    if job.every is not None:
        return now - last >= job.every
    assert job.daily is not None
    moment = now.replace(hour=job.daily.hour, minute=job.daily.minute, second=job.daily.second, microsecond=0)
    if moment > now:
        moment -= timedelta(days=1)
    return last < moment
