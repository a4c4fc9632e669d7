"""The ``cs231n`` command: one verb a module."""

import click

import cs231n.cli.ensemble
import cs231n.cli.fractional_pooling
import cs231n.cli.inference
from cs231n import __version__
from cs231n.cli.architecture import architecture
from cs231n.cli.augment import augment
from cs231n.cli.doctor import doctor
from cs231n.cli.experiment import experiment
from cs231n.cli.squeeze import squeeze


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cs231n")
def main() -> None:
    """Convolutional networks in NumPy, with compiled kernels.

    Exit codes: 0 it worked, 1 it did not, 2 the command line is wrong.
    """


main.add_command(architecture)
main.add_command(augment)
main.add_command(doctor)
main.add_command(experiment)
main.add_command(squeeze)
