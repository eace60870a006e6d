"""What a part said reaches the person as it was."""

import io

from rich.console import Console

from oncue.up import command


def test_a_line_is_printed_as_it_is() -> None:
    line = f"worker ended; its log: 12:00 [warning] [/tmp] {'x' * 100} :smile:"
    output = io.StringIO()

    command.say(Console(file=output, width=80), line)

    assert output.getvalue() == f"{line}\n"
