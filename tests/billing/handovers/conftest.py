"""The mail server of the messages' tests."""
from tests.notifications.conftest import mailbox as mailbox
