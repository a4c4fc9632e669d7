"""What the lecture claims of networks, trained and compared: one experiment a file."""

from cs231n.training.experiments.augmentation import AUGMENTATION
from cs231n.training.experiments.claims import Claim, Contender, Experiment
from cs231n.training.experiments.running import compare_contenders
from cs231n.training.experiments.small_filters import SMALL_FILTERS

# A new experiment is one entry here.
EXPERIMENTS = {one.name: one for one in (SMALL_FILTERS, AUGMENTATION)}
