"""What the lecture claims of networks, trained and compared: one experiment a file."""

from cs231n.training.experiments.augmentation import AUGMENTATION
from cs231n.training.experiments.claims import Claim, Contender, Experiment
from cs231n.training.experiments.dropping import DROPCONNECT, DROPOUT
from cs231n.training.experiments.ensemble import compare_members
from cs231n.training.experiments.fractional_pooling import compare_modes
from cs231n.training.experiments.inference import Question, Study, compare_inference
from cs231n.training.experiments.running import compare_contenders
from cs231n.training.experiments.small_filters import SMALL_FILTERS

# A new experiment is one entry here.
EXPERIMENTS = {one.name: one for one in (SMALL_FILTERS, AUGMENTATION)}
# Networks that are trained once, and asked in several ways.
STUDIES = {one.name: one for one in (DROPOUT, DROPCONNECT)}
