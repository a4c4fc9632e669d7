"""What every command does with options that it cannot take."""


def assert_refused(result, message, code=1):
    """One line that says what is wrong, and no traceback."""
    assert result.exit_code == code
    assert isinstance(result.exception, SystemExit)
    errors = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert "Traceback" not in result.output
