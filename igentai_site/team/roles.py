"""Who may do what: a table to be read aloud, which the groups' rights follow after each migrate.

Each row is a model, each column a role, and each cell says what that role may do with rows of that model. A model
that does not exist is passed over, and one of ours that is missing here fails a test. What belongs to its owner
alone, such as an export or a token, asks for no right of the table as long as it is one's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from topics.refusals import ADMINISTRATOR, OPERATOR, VIEWER

NOTHING = ""
VIEW = "view"
CHANGE = "view change"
ADD = "view add change"
ALL = "view add change delete"


@dataclass(frozen=True, slots=True)
class Row:
    model: str
    viewer: str
    operator: str
    administrator: str

    @property
    def app(self) -> str:
        return self.model.split(".")[0]

    def codenames(self, role: str) -> list[str]:
        """Of the permissions: `view_topic` and so on."""
        words = {VIEWER: self.viewer, OPERATOR: self.operator, ADMINISTRATOR: self.administrator}[role]
        return [f"{action}_{self.model.split('.')[1].lower()}" for action in words.split()]


TABLE = (
    #   model                       viewer    operator  administrator
    # What people want.
    Row("topics.Topic", VIEW, ADD, ALL),
    Row("topics.TopicPartition", VIEW, ADD, ALL),
    Row("topics.TopicSchedule", VIEW, ALL, ALL),
    Row("topics.TopicWatcher", NOTHING, NOTHING, NOTHING),  # whom to tell: one's own wish
    Row("topics.Review", VIEW, ALL, ALL),
    Row("topics.Export", VIEW, VIEW, ALL),
    Row("producers.TopicProvider", VIEW, ALL, ALL),
    Row("producers.ProviderWeight", VIEW, CHANGE, CHANGE),
    Row("producers.Provider", VIEW, VIEW, ALL),
    # What the engine observed. To change an attribute is to review it, to change a producer to restart it.
    Row("topics.Attribute", VIEW, CHANGE, CHANGE),
    Row("producers.Producer", VIEW, CHANGE, CHANGE),
    Row("orchestration.Run", VIEW, VIEW, VIEW),
    Row("orchestration.RunFigures", VIEW, VIEW, VIEW),
    Row("orchestration.Request", VIEW, VIEW, VIEW),
    Row("orchestration.Decision", VIEW, VIEW, VIEW),
    Row("orchestration.Prompt", VIEW, VIEW, VIEW),
    Row("orchestration.ProviderHealth", VIEW, VIEW, VIEW),
    # What is one's own, and the books of the engine and its jobs, which have no page.
    Row("orchestration.Notification", NOTHING, NOTHING, NOTHING),
    Row("orchestration.MailPreference", NOTHING, NOTHING, NOTHING),
    Row("orchestration.JobsHealth", NOTHING, NOTHING, NOTHING),
    Row("orchestration.EngineLease", NOTHING, NOTHING, NOTHING),
    Row("orchestration.Reservation", NOTHING, NOTHING, NOTHING),
    Row("orchestration.LostSpending", NOTHING, NOTHING, NOTHING),
    # People, and what they may.
    Row("auth.User", NOTHING, NOTHING, ALL),
    Row("auth.Group", NOTHING, NOTHING, VIEW),
    Row("team.Member", NOTHING, NOTHING, NOTHING),
    Row("team.AuditEvent", NOTHING, NOTHING, VIEW),
    Row("api.ApiToken", NOTHING, NOTHING, "view delete"),
    # To add a task of the queue is to run code on the server: a superuser may, and no role.
    Row("django_q.Schedule", NOTHING, NOTHING, VIEW),
    Row("django_q.OrmQ", NOTHING, NOTHING, NOTHING),
    Row("django_q.Task", NOTHING, NOTHING, VIEW),
    Row("django_q.Success", NOTHING, NOTHING, VIEW),
    Row("django_q.Failure", NOTHING, NOTHING, VIEW),
)


def of_app(label: str, role: str) -> set[str]:
    """The codenames that the table gives the role among the permissions of an app."""
    return {codename for row in TABLE if row.app == label for codename in row.codenames(role)}


def permissions_of(role: str) -> Iterator[str]:
    """All that the role may: "topics.view_topic" and so on, of models that exist or not."""
    return (f"{row.app}.{codename}" for row in TABLE for codename in row.codenames(role))


def somebody_may(permission: str) -> bool:
    """Whether there is a role that may: what nobody may is no matter of whom to ask."""
    return permission in set(permissions_of(ADMINISTRATOR)) | set(permissions_of(OPERATOR))
